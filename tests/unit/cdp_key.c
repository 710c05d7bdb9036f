#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "coinbase/cdp_key.h"
#include "format/json.h"

#define NAME "organizations/0f/apiKeys/1e"
#define URL "https://api.example.org/api/v3/brokerage/key_permissions?x=1"

static const unsigned char nonce[CDP_NONCE_BYTES] = { 0x00, 0x01, 0xfe, 0xff };

/* A new key, and its PEM with \n as two characters, as such files have it after JSON. */
static EVP_PKEY *new_ec_key(char pem[600])
{
	EVP_PKEY *pkey = EVP_EC_gen("P-256");
	BIO *bio = BIO_new(BIO_s_mem());
	char *data, *to = pem;
	long len;

	PEM_write_bio_PrivateKey_traditional(bio, pkey, NULL, NULL, 0, NULL, NULL);
	len = BIO_get_mem_data(bio, &data);
	for (long i = 0; i < len; i++) {
		if (data[i] == '\n') {
			*to++ = '\\';
			*to++ = 'n';
		} else {
			*to++ = data[i];
		}
	}
	*to = '\0';
	BIO_free(bio);
	return pkey;
}

static struct cdp_key *parse_key(const char *name, const char *secret)
{
	char json[2000];
	struct reason why = { .text = "" };
	struct cdp_key *key;

	snprintf(json, sizeof json, "{\"%s\":\"" NAME "\",\"privateKey\":\"%s\"}", name, secret);
	key = cdp_key_parse(json, strlen(json), &why);
	if (!key)
		fail_msg("%s", why.text);
	return key;
}

static size_t decode64url(const char *text, size_t len, unsigned char *to)
{
	char padded[2000];
	size_t n = 0;

	for (; n < len; n++)
		padded[n] = text[n] == '-' ? '+' : text[n] == '_' ? '/' : text[n];
	while (n % 4)
		padded[n++] = '=';
	EVP_DecodeBlock(to, (unsigned char *)padded, (int)n);
	return len * 3 / 4;
}

static void signature_holds(EVP_PKEY *pkey, bool ec, const char *token)
{
	const char *dot = strrchr(token, '.');
	unsigned char raw[100], *der = NULL;
	const unsigned char *signature = raw;
	size_t len = decode64url(dot + 1, strlen(dot + 1), raw);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();

	assert_int_equal(len, 64);
	if (ec) {
		ECDSA_SIG *sig = ECDSA_SIG_new();

		ECDSA_SIG_set0(sig, BN_bin2bn(raw, 32, NULL), BN_bin2bn(raw + 32, 32, NULL));
		len = (size_t)i2d_ECDSA_SIG(sig, &der);
		signature = der;
		ECDSA_SIG_free(sig);
	}
	assert_int_equal(EVP_DigestVerifyInit(ctx, NULL, ec ? EVP_sha256() : NULL, NULL, pkey), 1);
	assert_int_equal(EVP_DigestVerify(ctx, signature, len, (const unsigned char *)token, (size_t)(dot - token)), 1);
	EVP_MD_CTX_free(ctx);
	OPENSSL_free(der);
}

static cJSON *part_of(const char *token, int which)
{
	unsigned char text[2000];
	struct reason why = { .text = "" };
	cJSON *document;

	for (; which > 0; which--)
		token = strchr(token, '.') + 1;
	document = json_parse((char *)text, decode64url(token, strcspn(token, "."), text), &why);
	if (!document)
		fail_msg("%s", why.text);
	return document;
}

static void says(const cJSON *document, const char *name, const char *want)
{
	const char *text = json_string(json_member(document, name));

	assert_string_equal(text ? text : json_number_text(json_member(document, name)), want);
}

static void an_ec_key_signs_ES256_and_every_signature_has_64_bytes(void **state)
{
	char pem[600];
	EVP_PKEY *pkey = new_ec_key(pem);
	struct cdp_key *key = parse_key("name", pem);
	struct buf token = BUF_INIT;

	(void)state;
	assert_string_equal(cdp_key_algorithm(key), "ES256");
	/* One in 128 has a short r or s: enough of them to meet some. */
	for (int i = 0; i < 400; i++) {
		buf_clear(&token);
		assert_true(cdp_key_token(key, "GET", URL, 1700000000 + i, nonce, &token, NULL));
		signature_holds(pkey, true, token.data);
	}
	buf_release(&token);
	cdp_key_release(key);
	EVP_PKEY_free(pkey);
}

static void an_Ed25519_key_signs_EdDSA_from_the_seed_or_both_halves(void **state)
{
	EVP_PKEY *pkey = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	unsigned char bytes[64];
	char text[2][100];
	size_t len = 32;
	struct buf token = BUF_INIT;

	(void)state;
	EVP_PKEY_get_raw_private_key(pkey, bytes, &len);
	EVP_PKEY_get_raw_public_key(pkey, bytes + 32, &len);
	EVP_EncodeBlock((unsigned char *)text[0], bytes, 32);
	EVP_EncodeBlock((unsigned char *)text[1], bytes, 64);
	for (int i = 0; i < 2; i++) {
		struct cdp_key *key = parse_key("id", text[i]);

		assert_string_equal(cdp_key_algorithm(key), "EdDSA");
		buf_clear(&token);
		assert_true(cdp_key_token(key, "GET", URL, 1700000000, nonce, &token, NULL));
		signature_holds(pkey, false, token.data);
		cdp_key_release(key);
	}
	buf_release(&token);
	EVP_PKEY_free(pkey);
}

static void the_claims_are_those_of_the_documentation(void **state)
{
	char pem[600];
	EVP_PKEY *pkey = new_ec_key(pem);
	struct cdp_key *key = parse_key("name", pem);
	struct buf token = BUF_INIT;
	cJSON *header, *claims;

	(void)state;
	assert_true(cdp_key_token(key, "GET", URL, 1700000000, nonce, &token, NULL));
	header = part_of(token.data, 0);
	claims = part_of(token.data, 1);
	says(header, "alg", "ES256");
	says(header, "typ", "JWT");
	says(header, "kid", NAME);
	says(header, "nonce", "0001feff" "00000000" "0000000000000000" "0000000000000000" "0000000000000000");
	says(claims, "sub", NAME);
	says(claims, "iss", "cdp");
	says(claims, "nbf", "1700000000");
	says(claims, "exp", "1700000120");
	says(claims, "uri", "GET api.example.org/api/v3/brokerage/key_permissions");
	json_release(header);
	json_release(claims);
	buf_release(&token);
	cdp_key_release(key);
	EVP_PKEY_free(pkey);
}

static void a_key_file_that_cannot_be_used_is_refused_without_showing_it(void **state)
{
	static const struct { const char *json, *words; } row[] = {
		{ "SECRETSECRET", "not JSON" },
		{ "{\"name\":\"n\"}", "no privateKey" },
		{ "{\"privateKey\":\"SECRETSECRET\"}", "no name" },
		{ "{\"name\":\"a\\\"b\",\"privateKey\":\"SECRETSECRET\"}", "no name" },
		{ "{\"name\":\"n\",\"privateKey\":\"SECRETSECRET\"}", "neither PEM nor base64" },
		{ "{\"name\":\"n\",\"privateKey\":\"-----BEGIN EC PRIVATE KEY-----\\nSECRETSECRET\\n-----END EC PRIVATE KEY-----\"}", "PEM cannot be read" },
		/* 64 bytes whose halves do not belong together */
		{ "{\"name\":\"n\",\"privateKey\":\"U0VDUkVUU0VDUkVUU0VDUkVUU0VDUkVUU0VDUkVUU0VDUkVUU0VDUkVUU0VDUkVUU0VDUkVUU0VDUkVUU0VDUg==\"}", "halves" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct reason why = { .text = "" };

		assert_null(cdp_key_parse(row[i].json, strlen(row[i].json), &why));
		if (!strstr(why.text, row[i].words))
			fail_msg("'%s' does not say '%s'", why.text, row[i].words);
		assert_null(strstr(why.text, "SECRET"));
	}
}

static void keys_of_another_kind_are_refused(void **state)
{
	EVP_PKEY *pkey[] = { EVP_EC_gen("P-384"), EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)2048) };
	static const char *const words[] = { "not on the curve P-256", "neither EC P-256 nor Ed25519" };

	(void)state;
	for (int i = 0; i < 2; i++) {
		BIO *bio = BIO_new(BIO_s_mem());
		struct buf json = BUF_INIT;
		struct reason why = { .text = "" };
		char *data;
		long len;

		PEM_write_bio_PrivateKey(bio, pkey[i], NULL, NULL, 0, NULL, NULL);
		len = BIO_get_mem_data(bio, &data);
		buf_adds(&json, "{\"name\":\"n\",\"privateKey\":\"");
		for (long at = 0; at < len; at++)
			buf_adds(&json, data[at] == '\n' ? "\\n" : (char[]){ data[at], '\0' });
		buf_adds(&json, "\"}");
		assert_null(cdp_key_parse(json.data, json.len, &why));
		assert_non_null(strstr(why.text, words[i]));
		buf_release(&json);
		BIO_free(bio);
		EVP_PKEY_free(pkey[i]);
	}
}

/* A downloaded key that went through an editor has real line ends in its JSON, as \n, or those of Windows in two
 * characters each. */
static void a_key_is_read_with_line_ends_of_every_form(void **state)
{
	static const struct { const char *from, *to; } form[] = { { "\\n", "\\n" }, { "\\n", "\\\\n" }, { "\\n", "\\\\r\\\\n" } };
	char pem[600];
	EVP_PKEY *pkey = new_ec_key(pem);

	(void)state;
	for (size_t i = 0; i < sizeof form / sizeof *form; i++) {
		struct buf secret = BUF_INIT, token = BUF_INIT;
		struct cdp_key *key;

		for (const char *at = pem; *at;) {
			bool end = strncmp(at, form[i].from, 2) == 0;

			buf_adds(&secret, end ? form[i].to : (char[]){ *at, '\0' });
			at += end ? 2 : 1;
		}
		key = parse_key("name", secret.data);
		assert_true(cdp_key_token(key, "GET", URL, 1700000000, nonce, &token, NULL));
		signature_holds(pkey, true, token.data);
		cdp_key_release(key);
		buf_release(&token);
		buf_release(&secret);
	}
	EVP_PKEY_free(pkey);
}

/* Nobody is there to type a passphrase: the key is refused, and nothing waits at a terminal. */
static void a_key_under_a_passphrase_is_refused_without_asking_for_it(void **state)
{
	EVP_PKEY *pkey = EVP_EC_gen("P-256");
	BIO *bio = BIO_new(BIO_s_mem());
	struct buf json = BUF_INIT;
	struct reason why = { .text = "" };
	char *data;
	long len;

	(void)state;
	assert_int_equal(PEM_write_bio_PKCS8PrivateKey(bio, pkey, EVP_aes_128_cbc(), "SECRET", 6, NULL, NULL), 1);
	len = BIO_get_mem_data(bio, &data);
	buf_adds(&json, "{\"name\":\"n\",\"privateKey\":\"");
	for (long at = 0; at < len; at++)
		buf_adds(&json, data[at] == '\n' ? "\\n" : (char[]){ data[at], '\0' });
	buf_adds(&json, "\"}");
	assert_null(cdp_key_parse(json.data, json.len, &why));
	assert_non_null(strstr(why.text, "PEM cannot be read"));
	buf_release(&json);
	BIO_free(bio);
	EVP_PKEY_free(pkey);
}

/* The token's claims are JSON, and name the host that it is for. */
static void no_token_is_made_without_a_host_or_for_an_address_that_breaks_the_claims(void **state)
{
	static const char *const url[] = { "api.example.org/x", "https:///x", "https://?x", "https://api.example.org/\"x", "https://api.example.org/\\x" };
	char pem[600];
	EVP_PKEY *pkey = new_ec_key(pem);
	struct cdp_key *key = parse_key("name", pem);

	(void)state;
	for (size_t i = 0; i < sizeof url / sizeof *url; i++) {
		struct buf token = BUF_INIT;
		struct reason why = { .text = "" };

		if (cdp_key_token(key, "GET", url[i], 1700000000, nonce, &token, &why))
			fail_msg("%s", url[i]);
		assert_int_equal(token.len, 0);
		buf_release(&token);
	}
	cdp_key_release(key);
	EVP_PKEY_free(pkey);
}

/* As long as there is room for, and of what JSON and a terminal show as it is. */
static void a_name_is_printable_and_not_longer_than_there_is_room_for(void **state)
{
	static const struct { const char *name; size_t length; bool ok; } row[] = {
		{ "", 0, false }, { "n", 255, true }, { "n", 256, false }, { "a b", 3, false }, { "~", 1, true }, { "!", 1, true },
		{ "a\x7f", 2, false }, { "\xc3\xa9", 2, false }, { "a\\\\b", 4, false }, { "a\\\"b", 4, false }, { "a\\nb", 4, false },
	};
	char pem[600];
	EVP_PKEY *pkey = new_ec_key(pem);

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct buf json = BUF_INIT, token = BUF_INIT;
		struct reason why = { .text = "" };
		struct cdp_key *key;
		cJSON *header;

		buf_adds(&json, "{\"name\":\"");
		for (size_t at = 0; at < row[i].length; at++)
			buf_addc(&json, row[i].name[at % strlen(row[i].name)]);
		buf_addf(&json, "\",\"privateKey\":\"%s\"}", pem);
		key = cdp_key_parse(json.data, json.len, &why);
		if ((key != NULL) != row[i].ok)
			fail_msg("name %zu: %s", i, why.text);
		if (!key) {
			assert_string_equal(why.text, "the key file has no name that can be used");
		} else {
			assert_true(cdp_key_token(key, "GET", URL, 1700000000, nonce, &token, NULL));
			header = part_of(token.data, 0);
			assert_int_equal(strlen(json_string(json_member(header, "kid"))), row[i].length);
			json_release(header);
		}
		cdp_key_release(key);
		buf_release(&token);
		buf_release(&json);
	}
	EVP_PKEY_free(pkey);
}

/* 33 bytes in as many characters as 32 take. */
static void a_seed_of_a_byte_too_many_is_no_key(void **state)
{
	static const char json[] = "{\"name\":\"n\",\"privateKey\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"}";
	struct reason why = { .text = "" };

	(void)state;
	assert_null(cdp_key_parse(json, sizeof json - 1, &why));
	assert_string_equal(why.text, "the private key is neither PEM nor base64 of an Ed25519 key");
}

/* Header and claims of every length, behind what stands in the buffer already, which is not signed. */
static void a_token_of_any_length_is_whole_and_signs_itself_alone(void **state)
{
	EVP_PKEY *pkey = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	unsigned char bytes[32];
	char seed[100], json[300], name[8];
	size_t len = 32;

	(void)state;
	EVP_PKEY_get_raw_private_key(pkey, bytes, &len);
	EVP_EncodeBlock((unsigned char *)seed, bytes, 32);
	for (int length = 1; length <= 6; length++) {
		struct reason why = { .text = "" };
		struct buf token = BUF_INIT;
		struct cdp_key *key;
		cJSON *part;

		snprintf(name, sizeof name, "%.*s", length, "abcdef");
		snprintf(json, sizeof json, "{\"name\":\"%s\",\"privateKey\":\"%s\"}", name, seed);
		key = cdp_key_parse(json, strlen(json), &why);
		assert_non_null(key);
		buf_adds(&token, "Bearer ");
		assert_true(cdp_key_token(key, "GET", URL, 1700000000, nonce, &token, NULL));
		signature_holds(pkey, false, token.data + 7);
		for (int which = 0; which < 2; which++) {
			part = part_of(token.data + 7, which);
			says(part, which ? "sub" : "kid", name);
			json_release(part);
		}
		buf_release(&token);
		cdp_key_release(key);
	}
	EVP_PKEY_free(pkey);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_ec_key_signs_ES256_and_every_signature_has_64_bytes),
		cmocka_unit_test(a_name_is_printable_and_not_longer_than_there_is_room_for),
		cmocka_unit_test(a_seed_of_a_byte_too_many_is_no_key),
		cmocka_unit_test(a_token_of_any_length_is_whole_and_signs_itself_alone),
		cmocka_unit_test(a_key_is_read_with_line_ends_of_every_form),
		cmocka_unit_test(a_key_under_a_passphrase_is_refused_without_asking_for_it),
		cmocka_unit_test(no_token_is_made_without_a_host_or_for_an_address_that_breaks_the_claims),
		cmocka_unit_test(an_Ed25519_key_signs_EdDSA_from_the_seed_or_both_halves),
		cmocka_unit_test(the_claims_are_those_of_the_documentation),
		cmocka_unit_test(a_key_file_that_cannot_be_used_is_refused_without_showing_it),
		cmocka_unit_test(keys_of_another_kind_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
