#include "site/outline.h"

#include "query/coast.h"

const struct outline_point *const outline_of_great_britain = coast;
const int n_outline_of_great_britain = sizeof coast / sizeof *coast;
