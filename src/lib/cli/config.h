/*
 * config - the settings in force: the environment, and below it the files of settings
 *
 * The files, the later outranking the earlier: /etc/windfall/windfall.conf; windfall.conf in $XDG_CONFIG_HOME/windfall
 * (~/.config/windfall); etc/windfall.conf in the installation directory.  If WINDFALL_CONF names a file, it is that one
 * alone, and /dev/null is none.  The environment outranks all of them, and a setting of it that is empty is unset.
 * Blanks, a line end and quotes around the whole of its value go there too.  The settings of the database go together:
 * whichever of these places names one, the lower places have no say in it.
 *
 * What a file sets goes into the environment of this process, where each setting is read and programs that it starts
 * find it; what only alerts need does not, and is had by config_alert_setting().
 */
#ifndef WINDFALL_CONFIG_H
#define WINDFALL_CONFIG_H

#include <stdbool.h>
#include <stddef.h>

#include "base/secrets.h"
#include "cli/config_table.h"

/*
 * Read the files, once, and set the environment.  How many things in them are wrong: each line that is not a setting,
 * and each file that may not be used; the others are in force all the same.
 */
size_t config_load(void);

/*
 * Read send-alert's own file too, which outranks the others for what alerts need ($WINDFALL_ALERT_CONFIG, or
 * etc/alert.conf in the state folder), for who sends alerts or shows what is in force.  After config_load(), once.  As
 * config_load().
 */
size_t config_load_alerts(void);

/* What is wrong, from 0: "FILE:LINE: what; what to do", without a word of what may be secret. */
const char *config_complaint(size_t i);

enum config_place { CONFIG_UNSET, CONFIG_FILE, CONFIG_ENVIRONMENT };

/* What is in force, after config_load(). */
struct config_value {
	enum config_place place;
	const char *value;	/* NULL if it is unset; borrowed */
	const char *path;	/* of a file's, and its line */
	int line;
};
struct config_value config_value(const struct config_name *name);

/* Remember what the settings in force hold that must not be shown, whatever it looks like.  config_load() has done so
 * for the log. */
void config_add_secrets(struct secrets *secrets);

/* The files that were looked for: how many, each one's path, and whether it is there.  After config_load(). */
size_t config_files(void);
const char *config_file(size_t i, bool *there);

/* What the files set for alerts, by a name of that use; NULL if nothing. */
const char *config_alert_setting(const char *name);

#endif
