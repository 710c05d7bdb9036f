# Windfall: `make demo` shows it, `make check` proves it, `make help` lists the rest.

SHELL   = /bin/sh
# In another language's alphabet [a-z] has other letters, and a page another text.
export LC_ALL = C
CC      = gcc
PREFIX  = /usr/local
VERSION = 0.2.0

# CFLAGS, CPPFLAGS, LDFLAGS and LDLIBS of the environment or the command line come last and so win, beside
# what follows and never in place of it.
CFLAGS  ?= -O2 -g

# What the code is held to.  What the compiler said of a source stays beside its object; `make check` refuses any of
# it, and another compiler's new warning stops nobody's build.  A function that is not declared is no warning: the pointer that
# it returns would be cut in half.
BASE_CFLAGS = -std=c11 -D_POSIX_C_SOURCE=200809L -DWINDFALL_VERSION='"$(VERSION)"' \
	      -Isrc/lib -I$(BUILD) -I/usr/include/postgresql \
	      -pthread -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wformat -Wformat-security \
	      -Werror=implicit-function-declaration

# What makes a defect hard to use: guards on the stack, checked string functions, position-independent code,
# indirect calls that land only where they may (x86 alone has that), tables read-only once linked.  A sanitizer
# checks more than the string functions do, and they need the optimizer: neither gets them.
TAKES   = $(shell $(CC) -Werror $(1) -x c -c -o /dev/null - </dev/null 2>/dev/null && echo '$(1)')
GUARDS := -fPIE -fstack-protector-strong $(call TAKES,-fstack-clash-protection) $(call TAKES,-fcf-protection)
FORTIFY = $(if $(findstring _FORTIFY_SOURCE,$(CPPFLAGS) $(CFLAGS))$(findstring -fsanitize,$(CFLAGS))$(filter -O0,$(CFLAGS)),,-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
GUARDED_LINK = -pie -Wl,-z,relro,-z,now -Wl,-z,noexecstack

# The folder of the build is in no program: two folders make the same bytes.
HERE       := $(subst ','"'"',$(CURDIR))
ALL_CFLAGS  = $(BASE_CFLAGS) -O2 $(GUARDS) '-ffile-prefix-map=$(HERE)=.' $(FORTIFY) $(CPPFLAGS) $(CFLAGS)
ALL_LDFLAGS = $(GUARDED_LINK) $(LDFLAGS)

# The build goes where BUILD and BIN say, so that a sanitizer build stands beside the plain one.
BUILD = build
BIN   = bin

TOOLS := $(patsubst src/%.c,%,$(sort $(wildcard src/*.c)))
UNIT_TESTS := $(patsubst tests/unit/%.c,%,$(wildcard tests/unit/*.c))

# A module is pure unless its folder (os, cli, net, db) or the end of its name (_db, _net, _io) says
# otherwise: pure ones know no database, no network, no file and no clock, so unit tests and the fuzzer
# link them without -lpq and -lcurl.  `make lint` holds the names, and the walls between the folders.
LIB_SOURCES  := $(sort $(wildcard src/lib/*/*.c))
PURE_SOURCES := $(filter-out src/lib/os/% src/lib/cli/% src/lib/net/% src/lib/db/% %_db.c %_net.c %_io.c,$(LIB_SOURCES))
PURE_BESIDES := src/lib/net/rate_limit.c src/lib/net/circuit_breaker.c src/lib/net/retry.c src/lib/db/failure.c
LIB_OBJS     := $(LIB_SOURCES:src/%.c=$(BUILD)/%.o)
PURE_OBJS    := $(patsubst src/%.c,$(BUILD)/%.o,$(PURE_SOURCES) $(PURE_BESIDES))

# The statements of sql/query, compiled in: sql/query/NAME.sql is query_NAME[] of "query/NAME.h".
# The coast of sql/reference is coast[] of "query/coast.h"; the numbers of the migrations are in "query/migrations.h".
QUERIES := $(patsubst sql/%.sql,$(BUILD)/%.h,$(wildcard sql/query/*.sql)) $(BUILD)/query/coast.h $(BUILD)/query/migrations.h
MIGRATIONS := $(wildcard sql/[0-9][0-9][0-9]-*.sql)

.PHONY: all help deps deps-check check quickcheck check-unit check-cli check-san check-user check-tsan check-browser drill lint demo bench install uninstall clean
.DELETE_ON_ERROR:
.SECONDARY:

# The pages of the jobs, each from its own help and src/man/PAGE.in.
PAGES := $(patsubst src/man/%.in,$(BUILD)/man/%,$(wildcard src/man/*.in))

all: $(TOOLS:%=$(BIN)/%) $(BUILD)/windfall.conf.5 $(PAGES)

help:
	@echo 'make demo        set up, then one real day from archive to audited summaries, offline'
	@echo 'make check       set up, then every test'
	@echo 'make             build the tools into bin/'
	@echo 'make quickcheck  lint, the unit tests, and those of the main tools (under a minute)'
	@echo 'make check-unit  the unit tests alone (seconds)'
	@echo 'make check-cli   the tests of tools and jobs against a real PostgreSQL and nginx'
	@echo 'make check-san   both again under AddressSanitizer and UBSan'
	@echo 'make check-tsan  what has threads, under ThreadSanitizer'
	@echo 'make check-user  a sample as an ordinary user, in an odd path and a Turkish locale'
	@echo 'make check-browser  the site in a real Chromium (see tests/browser)'
	@echo 'make check-install  the Debian package in bare roots: installed, used, upgraded, purged (root)'
	@echo 'make drill       the long sweeps: kills, faults and chances by SEED (DRILL= picks some by name)'
	@echo 'make fuzz        the parsers under libFuzzer, for FUZZ_SECONDS (needs clang)'
	@echo 'make coverage    lines and branches that the tests reach, by room (COVER=unit for the quick half)'
	@echo 'make mutate      MODULE=exact/decimal: changes that no unit test of a module notices'
	@echo 'make analyze     the C sources under -fanalyzer, cppcheck and clang-tidy'
	@echo 'make lint        shellcheck, man pages, SQL a sharded engine could not take, walls between rooms, long lines'
	@echo 'make bench       each tool beside its lower bound, as ratios'
	@echo 'make sbom        what it is made of, with versions (SPDX), into $(BUILD)/windfall.spdx'
	@echo 'make deps        install (as root) or name the Debian packages'
	@echo 'make install     into $(PREFIX) (PREFIX=, DESTDIR=)'
	@echo 'make uninstall   remove what install put there; state and databases stay'
	@echo 'make dist        the tracked files in one archive, into $(BUILD)/'
	@echo 'make deb         the Debian package, into build/deb (needs debhelper)'
	@echo 'make picture     the picture of README, from the bundled day (needs chromium)'
	@echo 'make tags        an index for editors (needs ctags)'
	@echo 'make clean       remove what was built; the database in var/ stays'

deps:
	@scripts/deps run

deps-check:
	@scripts/deps run test

$(BIN)/%: $(BUILD)/%.o $(BUILD)/libcommon.a
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $(@D)/.$(@F) $^ -Wl,--as-needed -lpq -lcurl -lz -lcjson -lgmp -lcrypto -lm $(LDLIBS)
	@mv -f $(@D)/.$(@F) $@

$(BUILD)/query/%.h: sql/query/%.sql src/query.awk
	@mkdir -p $(@D)
	@awk -f src/query.awk $< >$@

$(BUILD)/query/coast.h: sql/reference/coast.tsv src/coast.awk
	@mkdir -p $(@D)
	@awk -f src/coast.awk $< >$@

# SCHEMA_MIGRATIONS as an array of SQL, and SCHEMA_VERSION, the last of them: the folder is as new as its last name.
$(BUILD)/query/migrations.h: sql
	@mkdir -p $(@D)
	@printf '%s\n' $(notdir $(MIGRATIONS)) | sort | awk '{ n = $$0 + 0; list = list (NR > 1 ? "," : "") n } \
		END { print "#define SCHEMA_MIGRATIONS \"{" list "}\""; print "#define SCHEMA_VERSION " n }' >$@

# Whoever lacks the compiler or a library gets the list of packages, not the errors of a first source; asked
# of the compiler, because what holds the headers has other names elsewhere.  What the list cannot explain, the
# compiler does.
$(BUILD)/can-build: src/needs.h
	@mkdir -p $(@D)
	@$(CC) $(BASE_CFLAGS) $(CPPFLAGS) $(filter-out --coverage,$(CFLAGS)) -fsyntax-only -x c src/needs.h >$@.said 2>&1 || \
		{ scripts/deps --name run && cat $@.said >&2; exit 69; }
	@mv $@.said $@

$(BUILD)/%.o $(BUILD)/%.warnings: src/%.c $(BUILD)/flags | $(BUILD)/can-build $(QUERIES)
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $(BUILD)/$*.o $< 2>$(BUILD)/$*.warnings; \
		status=$$?; cat $(BUILD)/$*.warnings >&2; exit $$status

# The manual of the settings: its list is the program's own.
$(BUILD)/windfall.conf.5: src/windfall.conf.5.in $(BIN)/with-settings
	@mkdir -p $(@D)
	@$(BIN)/with-settings --manual >$@.list
	@sed -e '/^@SETTINGS@$$/{r $@.list' -e 'd;}' src/windfall.conf.5.in >$@
	@rm $@.list

# windfall-daily.8 is the page of scripts/daily; its line in the list of commands is that of `windfall help`.
.SECONDEXPANSION:
$(BUILD)/man/%: src/man/%.in src/man/page.awk scripts/windfall $$(patsubst windfall-$$(percent),scripts/$$(percent),$$(basename $$*)) | $(BIN)/with-settings
	@mkdir -p $(@D)
	@name='$(patsubst windfall-%,%,$(basename $*))' && case '$(BIN)' in /*) WINDFALL_BIN='$(BIN)' ;; *) WINDFALL_BIN="$$PWD/$(BIN)" ;; esac && export WINDFALL_BIN && \
		"scripts/$$name" --help >$@.help && \
		awk -v name="$$name" -v section='$(patsubst .%,%,$(suffix $*))' \
			-v about="$$(scripts/windfall --help | sed -n "s/^  $$name  *//p")" -f src/man/page.awk $< $@.help >$@
	@rm $@.help
percent = %

# Other flags, other objects; the folder is in no object, so a tree that was moved or copied keeps its own.
FLAGS = $(subst ','"'"',$(subst $(HERE),,$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS)))
$(BUILD)/flags: .FORCE
	@mkdir -p $(@D)
	@printf '%s\n' '$(FLAGS)' | cmp -s - $@ || printf '%s\n' '$(FLAGS)' >$@
.PHONY: .FORCE

$(BUILD)/libcommon.a: $(LIB_OBJS)
	@rm -f $@
	ar rcs $@ $^

$(BUILD)/libpure.a: $(PURE_OBJS)
	@rm -f $@
	ar rcs $@ $^

$(BUILD)/unit/%: tests/unit/%.c $(BUILD)/libpure.a
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -MMD -MP $(ALL_LDFLAGS) -o $@ $< $(BUILD)/libpure.a -lcmocka -lcjson -lgmp -lcrypto -lm

# The test of a module that touches the world links what the tools link.
$(BUILD)/unit/%_io: tests/unit/%_io.c $(BUILD)/libcommon.a
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -MMD -MP $(ALL_LDFLAGS) -o $@ $< $(BUILD)/libcommon.a $(WORLD_TEST)
$(BUILD)/unit/%_net: tests/unit/%_net.c $(BUILD)/libcommon.a
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -MMD -MP $(ALL_LDFLAGS) -o $@ $< $(BUILD)/libcommon.a $(WORLD_TEST)
WORLD_TEST = -lcmocka -lpq -lcurl -lz -lcjson -lgmp -lcrypto -lm

# What the benchmark is fed with, and what it measures against.
$(BUILD)/generate $(BUILD)/parse: $(BUILD)/%: tests/%.c $(BUILD)/libpure.a
	$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $^ -lcjson -lgmp -lcrypto -lm

check: deps-check | $(BUILD)
	@[ -x $(BIN)/calc-btc ] || echo 'Building the tools and their tests: some 20 seconds, once.'
	@flock $(BUILD)/lock $(MAKE) --no-print-directory -s $(SPREAD) all unit-programs $(BUILD)/generate
	@$(MAKE) --no-print-directory no-warnings
	@tests/run lint unit cli

# Who builds holds its lock: two at once, in two terminals, would link what the other is writing.
$(BUILD):
	@mkdir -p $@

# As many at a time as there are cores, where nobody has said how many.
SPREAD = $(if $(findstring -j,$(MAKEFLAGS)),,-j$(shell nproc))

OBJECTS = $(LIB_OBJS) $(TOOLS:%=$(BUILD)/%.o)
.PHONY: no-warnings
no-warnings: $(OBJECTS) $(OBJECTS:.o=.warnings)
	@! cat $(OBJECTS:.o=.warnings) | grep . || { echo 'make: a warning is an error here: fix those above' >&2; exit 1; }

quickcheck: deps-check | $(BUILD)
	@flock $(BUILD)/lock $(MAKE) --no-print-directory -s $(SPREAD) all unit-programs
	@$(MAKE) --no-print-directory no-warnings
	@tests/run lint unit cli every-tool find-missing rollup-summaries match-fifo

check-unit: $(UNIT_TESTS:%=$(BUILD)/unit/%)
	@tests/run unit

check-cli: all
	@tests/run cli

# A test that calls make again, as that of `make install` does, finds these flags in its environment.
SANITIZED = -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all
check-san: deps-check
	@$(MAKE) --no-print-directory $(SPREAD) BUILD=build/san BIN=build/san/bin all unit-programs CFLAGS='$(SANITIZED)'
	@CFLAGS='$(SANITIZED)' WINDFALL_BIN="$(CURDIR)/build/san/bin" TEST_BUILD=build/san tests/run unit cli

# What has threads, under ThreadSanitizer: the thread that stores (os/writer_thread), alone and in calc-btc.  setarch: its
# shadow memory has no room where addresses are as random as newer kernels make them.
TSAN_TESTS = calc-btc calc-btc-property
check-tsan: deps-check
	@$(MAKE) --no-print-directory $(SPREAD) BUILD=build/tsan BIN=build/tsan/bin all build/tsan/unit/writer_thread_io \
		CFLAGS='-O1 -g -fno-omit-frame-pointer -fsanitize=thread'
	@TSAN_OPTIONS='halt_on_error=1 exitcode=66' setarch "$$(uname -m)" -R build/tsan/unit/writer_thread_io
	@WINDFALL_BIN="$(CURDIR)/build/tsan/bin" TEST_BUILD=build/tsan TSAN_OPTIONS='halt_on_error=1 exitcode=66' \
		setarch "$$(uname -m)" -R tests/run cli $(TSAN_TESTS)

# A sample of the suite as somebody who is not root, in an odd path, another locale, without a terminal.
check-user: deps-check
	@tests/as-user

# The site as a person sees it.  The browser is not needed to build or to run Windfall, so `make deps` does not bring it.
check-browser: deps-check
	@command -v chromedriver >/dev/null && command -v chromium >/dev/null || \
		{ echo 'make: there is no browser to test with: run apt-get install chromium chromium-driver' >&2; exit 69; }
	@$(MAKE) --no-print-directory $(SPREAD) all $(BUILD)/generate
	@tests/run browser

# What takes too long for each day: tests/drill/NAME.bats, all or those that DRILL names.
drill: deps-check
	@$(MAKE) --no-print-directory $(SPREAD) all $(BUILD)/generate
	@tests/run drill $(DRILL)

# The parsers of what comes from outside, under libFuzzer, for a bounded time: all, or the one whose letter is FUZZ_TARGET
# (tests/fuzz/targets.c).  Findings stay in build/fuzz.
FUZZ_SECONDS = 60
.PHONY: fuzz
fuzz: $(BUILD)/fuzz/parsers
	@mkdir -p $(BUILD)/fuzz/corpus
	cd $(BUILD)/fuzz && FUZZ_TARGET=$(FUZZ_TARGET) ./parsers -max_total_time=$(FUZZ_SECONDS) -timeout=10 -rss_limit_mb=1024 -max_len=8192 \
		-print_final_stats=1 corpus "$(CURDIR)/tests/fuzz/seeds" "$(CURDIR)/tests/fuzz/corpus"

FUZZED = $(wildcard tests/fuzz/*.c)
$(BUILD)/fuzz/parsers: $(FUZZED) tests/fuzz/targets.h $(PURE_SOURCES) $(PURE_BESIDES)
	@mkdir -p $(@D)
	clang $(ALL_CFLAGS) -O1 -g -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all -o $@ $(filter %.c,$^) -lcjson -lgmp -lcrypto -lm

# The same targets over the same files, without libFuzzer.
$(BUILD)/unit/corpus: tests/unit/corpus.c tests/fuzz/targets.h $(filter-out tests/fuzz/parsers.c,$(FUZZED)) $(BUILD)/libpure.a
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -Itests/fuzz $(ALL_LDFLAGS) -o $@ $(filter %.c,$^) $(BUILD)/libpure.a -lcmocka -lcjson -lgmp -lcrypto -lm

# A build of its own, so that its counts are of this run alone.  The files of the counts are there before, for every account
# that a test runs a tool as; tests/coverage judges them.
COVER = unit cli
COUNTS = -O0 -g --coverage -include tests/coverage.h
.PHONY: coverage
coverage: deps-check
	@command -v gcovr >/dev/null || { echo 'coverage: gcovr not found; apt install gcovr' >&2; exit 69; }
	@$(MAKE) --no-print-directory -s BUILD=build/coverage BIN=build/coverage/bin all unit-programs CFLAGS='$(COUNTS)'
	@find build/coverage -name '*.gcda' -delete
	@find build/coverage -name '*.gcno' | sed 's/gcno$$/gcda/' | xargs touch
	@chmod -R a+rwX build/coverage; \
		CFLAGS='$(COUNTS)' WINDFALL_BIN="$(CURDIR)/build/coverage/bin" TEST_BUILD=build/coverage tests/run $(COVER) || echo 'coverage: some tests failed; the counts are of what ran'
	@find build/coverage -name '*.gcda' -empty -delete
	@gcovr --root . --object-directory build/coverage --filter 'src/' --exclude-unreachable-branches --exclude-throw-branches \
		--gcov-ignore-parse-errors --json build/coverage/report.json build/coverage >/dev/null
	@tests/coverage build/coverage/report.json

.PHONY: mutate
mutate:
	@[ -n "$(MODULE)" ] || { echo 'mutate: name a module, such as MODULE=exact/decimal' >&2; exit 64; }
	@tests/mutate $(MODULE) $(UNIT)

.PHONY: analyze
analyze: all
	@tests/analyze

.PHONY: unit-programs
unit-programs: $(UNIT_TESTS:%=$(BUILD)/unit/%)

lint: deps-check all
	@tests/run lint

demo: deps | $(BUILD)
	@[ -x $(BIN)/calc-btc ] || echo 'Building the tools: some 20 seconds, once.'
	@flock $(BUILD)/lock $(MAKE) --no-print-directory -s $(SPREAD) all
	@flock -o $(BUILD)/lock scripts/demo

bench: deps-check
	@$(MAKE) --no-print-directory -s all $(BUILD)/generate $(BUILD)/parse
	@bench/run

# The tree goes to PREFIX/lib/windfall, where a tool finds its sql/ and scripts/ beside itself, readable
# whatever the umask; var/ and logs/ are wherever WINDFALL_STATE says, and no part of it.
HOUSE = $(DESTDIR)$(PREFIX)/lib/windfall
MAN   = $(DESTDIR)$(PREFIX)/share/man/man1
MAN5  = $(DESTDIR)$(PREFIX)/share/man/man5
MAN7  = $(DESTDIR)$(PREFIX)/share/man/man7
MAN8  = $(DESTDIR)$(PREFIX)/share/man/man8
ZSH = $(DESTDIR)$(PREFIX)/share/zsh/site-functions
COMPLETION = $(DESTDIR)$(PREFIX)/share/bash-completion/completions
DOC = $(DESTDIR)$(PREFIX)/share/doc/windfall
UNITS    = $(DESTDIR)$(PREFIX)/lib/systemd/system
SYSUSERS = $(DESTDIR)$(PREFIX)/lib/sysusers.d
TMPFILES = $(DESTDIR)$(PREFIX)/lib/tmpfiles.d

# What is installed, by name, once for install and uninstall: below HOUSE, in bin and among the pages.
JOBS       = $(notdir $(filter-out %.sh %/lib %/demo %/sbom,$(wildcard scripts/*)))
IN_HOUSE   = $(TOOLS:%=bin/%) $(JOBS:%=scripts/%) $(wildcard scripts/*.sh scripts/lib/*.sh gnuplot/* cron/*) \
	     $(shell find sql -type f)
FOR_OTHERS = docs/grafana/windfall.json docs/prometheus/windfall.rules.yml docs/summary.schema.json
UNIT_FILES = $(notdir $(wildcard systemd/*.service systemd/*.timer))
MAN_PAGES  = $(notdir $(wildcard src/*.1) $(filter %.1,$(PAGES)))

# Every file that is installed, a line each, without DESTDIR.  The installation keeps that list: what an older version had and
# this one has not, goes with the next.
INSTALLED = printf '%s\n' $(IN_HOUSE:%="$(HOUSE)/%") $(patsubst %,"$(DESTDIR)$(PREFIX)/bin/%",$(TOOLS) windfall) \
	    $(MAN_PAGES:%="$(MAN)/%") $(patsubst %,"$(MAN8)/%",$(notdir $(filter %.8,$(PAGES)))) \
	    "$(MAN5)/windfall.conf.5" "$(MAN5)/windfall-tables.5" "$(MAN7)/windfall.7" "$(COMPLETION)/windfall" "$(ZSH)/_windfall" \
	    $(FOR_OTHERS:%="$(DOC)/%") $(UNIT_FILES:%="$(UNITS)/%") "$(SYSUSERS)/windfall.conf" "$(TMPFILES)/windfall.conf" | \
	    while IFS= read -r f; do printf '%s\n' "$${f\#"$(DESTDIR)"}"; done | sort
MANIFEST  = $(HOUSE)/.installed
# Of what is in bin only a link of ours: another of its name is somebody's.
REMOVE    = while IFS= read -r f; do \
		case $$f in "$(PREFIX)/bin/"*) case $$(readlink "$(DESTDIR)$$f") in ../lib/windfall/*) ;; *) continue ;; esac ;; esac; \
		rm -f "$(DESTDIR)$$f"; \
	    done

# A migration of a later version that was installed here, before there was such a list, goes too: migrate would apply it for
# tools that do not know it.
install: all
	install -d "$(HOUSE)" "$(HOUSE)/bin" "$(HOUSE)/scripts/lib" "$(HOUSE)/gnuplot" "$(HOUSE)/cron" "$(DESTDIR)$(PREFIX)/bin" "$(MAN)" "$(MAN5)" "$(MAN7)" "$(MAN8)" "$(COMPLETION)" "$(ZSH)" "$(UNITS)" "$(SYSUSERS)" "$(TMPFILES)"
	install $(TOOLS:%=$(BIN)/%) "$(HOUSE)/bin"
	install $(JOBS:%=scripts/%) "$(HOUSE)/scripts"
	install -m 644 $(wildcard scripts/*.sh) "$(HOUSE)/scripts"
	install -m 644 $(wildcard scripts/lib/*.sh) "$(HOUSE)/scripts/lib"
	install -m 644 $(wildcard gnuplot/*) "$(HOUSE)/gnuplot"
	for f in cron/*; do sed 's|/usr/local/lib/windfall|$(PREFIX)/lib/windfall|' $$f >"$(HOUSE)/$$f"; done
	cp -R sql "$(HOUSE)/"
	for f in "$(HOUSE)"/sql/[0-9][0-9][0-9]-*.sql; do [ -e "sql/$${f##*/}" ] || rm -f "$$f"; done
	chmod -R u=rwX,go=rX "$(HOUSE)/sql" "$(HOUSE)/cron"
	for t in $(TOOLS); do ln -sf ../lib/windfall/bin/$$t "$(DESTDIR)$(PREFIX)/bin/$$t"; done
	ln -sf ../lib/windfall/scripts/windfall "$(DESTDIR)$(PREFIX)/bin/windfall"
	install -m 644 $(wildcard src/*.1) $(filter %.1,$(PAGES)) "$(MAN)"
	install -m 644 src/windfall.7 "$(MAN7)"
	install -m 644 $(filter %.8,$(PAGES)) "$(MAN8)"
	install -m 644 $(BUILD)/windfall.conf.5 src/windfall-tables.5 "$(MAN5)"
	install -m 644 completion/windfall.bash "$(COMPLETION)/windfall"
	install -m 644 completion/_windfall "$(ZSH)"
	for f in $(FOR_OTHERS); do install -D -m 644 $$f "$(DOC)/$$f" || exit; done
	for f in $(UNIT_FILES); do sed 's|/usr/local/lib/windfall|$(PREFIX)/lib/windfall|g' systemd/$$f >"$(UNITS)/$$f" && chmod 644 "$(UNITS)/$$f" || exit; done
	install -m 644 systemd/windfall.sysusers "$(SYSUSERS)/windfall.conf"
	install -m 644 systemd/windfall.tmpfiles "$(TMPFILES)/windfall.conf"
	@$(INSTALLED) >"$(MANIFEST).new" && chmod 644 "$(MANIFEST).new"
	@[ ! -e "$(MANIFEST)" ] || comm -23 "$(MANIFEST)" "$(MANIFEST).new" | $(REMOVE)
	@find "$(HOUSE)/sql" "$(HOUSE)/scripts" -depth -type d -empty -delete
	@mv "$(MANIFEST).new" "$(MANIFEST)"

# Exactly that goes, and each folder that is empty then.
uninstall:
	@{ cat "$(MANIFEST)" 2>/dev/null; $(INSTALLED); } | $(REMOVE)
	@rm -f "$(MANIFEST)"
	@[ ! -d "$(DOC)" ] || find "$(DOC)" -depth -type d -empty -delete
	@[ ! -d "$(HOUSE)" ] || find "$(HOUSE)" -depth -type d -empty -delete
	@[ ! -d "$(HOUSE)" ] || { echo 'These were not installed by make and stay:'; find "$(HOUSE)" ! -type d; }

# The page of the tables, from the comments in a database that is made for it from the migrations, and destroyed.
.PHONY: tables-page
tables-page: all
	@export WINDFALL_STATE="$(abspath $(BUILD))/tables" WINDFALL_CONF=/dev/null; \
	 unset DATABASE_URL PGHOST PGHOSTADDR PGSERVICE PGDATABASE PGSERVICEFILE PGPORT; \
	 trap 'scripts/local-db destroy --yes' EXIT; trap 'exit 130' INT TERM; scripts/local-db start && scripts/migrate && \
	 $(BIN)/with-db psql -Xq -v ON_ERROR_STOP=1 -f src/man/tables.sql >$(BUILD)/windfall-tables.5
	@mv $(BUILD)/windfall-tables.5 src/windfall-tables.5

# The tracked files as they lie here, in one archive that is the same whoever makes it.
DIST = $(BUILD)/windfall-$(VERSION).tar.gz
DIST_TIME = $(or $(SOURCE_DATE_EPOCH),$(shell git log -1 --format=%ct 2>/dev/null))
.PHONY: dist deb
dist:
	@git rev-parse --show-toplevel >/dev/null || { echo 'dist: run this in a clone of the repository' >&2; exit 69; }
	@mkdir -p $(BUILD)
	@git ls-files -z | tar --null -T - --transform='flags=r;s|^|windfall-$(VERSION)/|' --sort=name --mtime=@$(DIST_TIME) \
		--owner=0 --group=0 --numeric-owner --mode=u=rwX,go=rX -c | gzip -9n >$(DIST).new
	@mv $(DIST).new $(DIST)
	@echo $(DIST)

# The Debian package, from that archive (needs debhelper), into build/deb.
deb: dist
	@SOURCE_DATE_EPOCH=$(DIST_TIME) debian/build $(DIST) $(PACKAGE_VERSION)

# The package in a bare Debian root, as root: SUITES names releases, MIRROR another mirror than apt's.  The older one
# is of the same sources, with a lower version.
SUITES = bookworm trixie
.PHONY: check-install
check-install:
	@$(MAKE) --no-print-directory deb PACKAGE_VERSION=0.1.9~before
	@mkdir -p $(BUILD)/older && mv build/deb/windfall_0.1.9~before_*.deb $(BUILD)/older/
	@$(MAKE) --no-print-directory deb
	@for suite in $(SUITES); do tests/install/run --suite $$suite --mirror "$(MIRROR)" build/deb/windfall_*.deb $(BUILD)/older/*.deb || exit; done

# What the programs and scripts consist of, with versions, for whoever watches for advisories.
.PHONY: sbom
sbom: all
	@scripts/sbom $(BIN) >$(BUILD)/windfall.spdx
	@echo $(BUILD)/windfall.spdx

# The picture of README, made from the bundled day (needs chromium).
.PHONY: picture
picture: all
	@tests/picture docs/day.png

.PHONY: tags
tags:
	ctags -R src tests/unit

clean:
	rm -rf build $(TOOLS:%=bin/%)

-include $(wildcard $(BUILD)/*.d $(BUILD)/lib/*/*.d $(BUILD)/unit/*.d)
