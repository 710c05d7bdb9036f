/*
 * needs - one header of each library that the tools are made with, tried by make before it compiles anything
 */
#include <cjson/cJSON.h>
#include <curl/curl.h>
#include <gmp.h>
#include <libpq-fe.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <zlib.h>
