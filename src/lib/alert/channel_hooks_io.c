/* The programs of a directory, each with the message on standard input and the rest in its environment. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alert/channel_net.h"
#include "alert/hooks_io.h"
#include "alert/settings_io.h"
#include "os/paths.h"

_Static_assert(HOOKS_MAX <= (int)CHANNEL_TARGETS, "each hook is a target");

struct hook {
	const struct alert *alert;
	char *path;
};

static int send_hook(const struct delivery *d)
{
	static const char *const kept[] = {
		"PATH", "HOME", "USER", "LOGNAME", "LANG", "TMPDIR", "WINDFALL_HOME", "WINDFALL_STATE", "WINDFALL_CONF",
		"WINDFALL_JOB", "WINDFALL_RUN", "WINDFALL_STEP",
	};
	const struct hook *h = d->what;
	const struct alert *a = h->alert;
	struct buf env = BUF_INIT;
	char when[INSTANT_TEXT], *vector[32], *argv[] = { h->path, NULL };
	int n = 0;

	/* Not what this process was given: a hook has no need of the database's password. */
	for (size_t i = 0; i < sizeof kept / sizeof *kept; i++) {
		if (!getenv(kept[i]))
			continue;
		buf_addf(&env, "%s=%s", kept[i], getenv(kept[i]));
		vector[n++] = buf_detach(&env);
	}
#define HOOK_VARIABLE(name, value) (buf_addf(&env, "%s=%s", name, value), vector[n++] = buf_detach(&env))
	HOOK_VARIABLE("ALERT_KEY", a->shown_key.data);
	HOOK_VARIABLE("ALERT_SEVERITY", severity_name(a->severity));
	HOOK_VARIABLE("ALERT_EVENT", a->event == EVENT_RECOVERY ? "recovery" : "problem");
	HOOK_VARIABLE("ALERT_SUBJECT", a->subject.data);
	HOOK_VARIABLE("ALERT_HOST", a->host);
	HOOK_VARIABLE("ALERT_TIME", instant_format(a->now, when));
#undef HOOK_VARIABLE
	vector[n] = NULL;
	return deliver_program(d, h->path, argv, vector, a->text.data, a->text.len);
}

static int build(const struct alert *a, struct parcel *parcel)
{
	const char *named = setting("WINDFALL_HOOKS_DIR");
	char *folder = named ? xstrdup(named) : state_path("etc/hooks.d"), *path[HOOKS_MAX];
	int n = hooks_find(folder, named != NULL, path);

	for (int i = 0; i < n; i++) {
		struct hook *hook = xmalloc(sizeof *hook);

		*hook = (struct hook){ a, path[i] };
		parcel[i] = (struct parcel){ .what = hook, .by_program = true };
		snprintf(parcel[i].target, sizeof parcel[i].target, "hook:%.*s", TOLD_TARGET_TEXT - 6, strrchr(path[i], '/') + 1);
	}
	free(folder);
	return n;
}

static void release(void *what)
{
	struct hook *hook = what;

	free(hook->path);
	free(hook);
}

const struct channel hooks_channel = {
	"hooks", { { "WINDFALL_HOOKS_DIR", SETTING_PLAIN } }, build, send_hook, release,
};
