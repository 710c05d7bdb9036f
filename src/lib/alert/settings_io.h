/*
 * settings_io - what a tool is told by the environment and a private file, secrets among it
 *
 * The files are read by cli/config.h, whose loading comes first.  What is wrong is said, the rest goes on, and
 * settings_status() is EX_CONFIG from then on.
 */
#ifndef WINDFALL_SETTINGS_IO_H
#define WINDFALL_SETTINGS_IO_H

/* The environment's value, even an empty one, outranks those of the files.  NULL if there is none or it is empty.
 * Lives until settings_release(). */
const char *setting(const char *name);

/* The same for a secret, which may also stand in the private file that NAME_FILE names. */
const char *secret_setting(const char *name);

/* Remember something that must not be shown, and every value in the environment whose name ends
 * as such names do (_KEY, PASSWORD, SECRET, TOKEN).  value is copied. */
void settings_add_secret(const char *value);
void settings_learn_secrets(void);

/* The same of an address whose path is the secret: an answer may show that alone. */
void settings_add_secret_path(const char *address);

/* All of these and all that secret_setting() gave, ending with NULL, for redact().  Good until the next
 * of the calls above: ask again rather than keep it. */
const char *const *settings_secrets(void);

/* Say that a setting cannot be used ("MAIL_TO: no address"); words hold no secret. */
void settings_complain(const char *what, const char *why);

/* 0, or EX_CONFIG once there was something to complain of. */
int settings_status(void);

void settings_release(void);

#endif
