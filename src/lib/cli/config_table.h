/*
 * config_table - the settings there are: the one list from which a file of settings is judged, `windfall config` and
 * windfall.conf(5) are made
 */
#ifndef WINDFALL_CONFIG_TABLE_H
#define WINDFALL_CONFIG_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/reason.h"

enum config_form {
	CONFIG_TEXT,		/* anything */
	CONFIG_DATABASE,	/* DATABASE_URL: what libpq reads, which the connection checks */
	CONFIG_PATH,		/* an absolute path */
	CONFIG_ADDRESS,		/* a web address, or where the tools take one, a file address or an absolute path */
	CONFIG_NUMBER,		/* from least to most */
	CONFIG_WAIT,		/* a time as PostgreSQL takes it: 300ms, 5min */
	CONFIG_WORD		/* one of words */
};

enum config_use {
	CONFIG_FOR_ALL,		/* put into the environment of tools and jobs */
	CONFIG_NAMES_DATABASE,	/* the same; any of these says which database it is */
	CONFIG_OF_DATABASE,	/* the same; belongs to the place that names the database, and falls with it */
	CONFIG_FOR_ALERTS	/* read by send-alert alone, and given to no other process */
};

enum config_secret {
	CONFIG_OPEN,
	CONFIG_MAY_HOLD,	/* an address that may have a password in it */
	CONFIG_SECRET		/* never shown */
};

struct config_name {
	const char *group;	/* a heading, where a new group begins; NULL within it */
	const char *name;
	enum config_use use;
	enum config_secret secret;
	enum config_form form;
	double least, most;	/* of a number */
	const char *words;	/* of a word, one blank between them; of a number its unit; of a path what else it may be */
	const char *standard;	/* in force where nothing is set, in words; NULL: nothing is */
	const char *what;	/* one sentence for people, without a full stop */
};

/* All of them, by group; the list ends with a NULL name. */
extern const struct config_name config_names[];

/* Is it a name of the environment that begins with WINDFALL_ and is not a setting? */
bool config_is_environment_only(const char *name);

/* The one of this name, or NULL. */
const struct config_name *config_find(const char *name);

/* Append "; the nearest is NAME" for an unknown name, or nothing.  Returns out's text, "" for none. */
const char *config_nearest(const char *unknown, struct buf *out);

/* Does a value have the form?  False with the reason, which does not quote a value that may be secret. */
bool config_value_ok(const struct config_name *name, const char *value, struct reason *why);

/* Is there a secret in this value: of a secret always; of an address with a password, or, of a database's, what may be
 * one.  Rather once too often than once too rarely. */
bool config_holds_secret(const struct config_name *name, const char *value);

/* Append the value as it may be shown: secrets as ***. */
void config_show(const struct config_name *name, const char *value, struct buf *out);

/* What a value of this setting is, for people: "a number from 0.01 to 1000 (per second)". */
void config_form_words(const struct config_name *name, struct buf *out);

#endif
