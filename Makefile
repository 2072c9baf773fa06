# Builds, tests and installs qnet. `make help` lists what can be made.

CC       = cc
CXX      = c++
CFLAGS   = -O2 -g
CXXFLAGS = -O2 -g
GO       = go
PYTHON   = python3
BUILD    = build
# The exact versions of Python packages, with their hashes; *.in says which and why, and `make requirements` writes these.
REQUIREMENTS = bindings/python/requirements

PREFIX     = /usr/local
LIBDIR     = $(PREFIX)/lib
DOCDIR     = $(PREFIX)/share/doc/qnet
INCLUDEDIR = $(PREFIX)/include
MANDIR     = $(PREFIX)/share/man

# The one place where the version stands is the header.
VERSION := $(shell sed -n 's/.*define QNET_VERSION_STR "\(.*\)"/\1/p' include/qnet/global.h)
MAJOR   := $(firstword $(subst ., ,$(VERSION)))
ifeq ($(MAJOR),)
$(error include/qnet/global.h does not tell the version)
endif

SONAME  := libqnet.so.$(MAJOR)
REAL    := $(BUILD)/libqnet.so.$(VERSION)
LIBRARY := $(BUILD)/libqnet.so
ARCHIVE := $(BUILD)/race/libqnet.a

HEADERS := $(wildcard include/qnet/*.h)
CPP_HEADERS := $(filter-out %/detail,$(wildcard bindings/cpp/qnet/*))
CPP_DETAILS := $(wildcard bindings/cpp/qnet/detail/*.h)
# With the folders, whose times tell that a file has come or gone.
SOURCES := go.mod go.sum capi/exports.map \
	$(shell find core capi \( -path capi/tests -o -path capi/internal -o -name testdata \) -prune -o \
		\( -type d -o -name '*.go' ! -name '*_test.go' -o -name '*.[ch]' -o -name '*.ld' \) -print)

# Go does not notice a change of a header outside its packages, so it is told of one. What name servers alone cannot
# answer is looked up by the C library: netcgo.
GO_TAGS = netcgo
GO_BUILD = CC="$(CC)" CGO_CFLAGS="$${CGO_CFLAGS--O2 -g} -DQNET_HEADERS=$$(cat include/qnet/*.h | cksum | cut -d' ' -f1)" \
	$(GO) build -buildvcs=false -tags=$(GO_TAGS)

# What the Python package does for each message in C, for each Python since 3.10.
EXTENSION := $(BUILD)/_fast.abi3.so
EXTENSION_SOURCES := $(addprefix bindings/python/fast/,fast.c stable_abi.h)

.PHONY: all library extension
all: library extension ## The library, build/libqnet.so, and what makes the Python package fast (the default)
library: $(LIBRARY)
extension: $(EXTENSION)
$(EXTENSION): $(EXTENSION_SOURCES) Makefile
	@mkdir -p $(@D)
	$(CC) -std=c11 -O2 -Wall -Wextra -Wpedantic -shared -fPIC -fvisibility=hidden -s -o $@.new $<
	@mv -f $@.new $@

# The linker's flags for what is kept of symbols, and the file.
BUILD_LIBRARY = $(GO_BUILD) -trimpath -buildmode=c-shared -ldflags "$(1) -buildid= -B none -extldflags \"-Wl,-soname,$(SONAME) \
		'-Wl,--version-script=$(CURDIR)/capi/exports.map' '-Wl,-T,$(CURDIR)/capi/start.ld' -Wl,-z,nodelete -Wl,--build-id=sha1\"" \
		-o $(2) ./capi

# Go writes a header of its own beside what it builds, so it builds aside. The finished file is moved to its
# place: programs that have the old one loaded keep it. The same sources, tools and flags give the same bytes
# anywhere: Go's build id would tell the path to the version script, so the linker's, of the contents, is there.
$(REAL): $(SOURCES) $(HEADERS) Makefile
	@mkdir -p $(BUILD)/go
	$(call BUILD_LIBRARY,-s -w,$(BUILD)/go/libqnet.so)
	@rm -f $(BUILD)/go/libqnet.h
	@mv -f $(BUILD)/go/libqnet.so $@
	@ln -sfn $(@F) $(BUILD)/$(SONAME)

$(LIBRARY): $(REAL)
	@ln -sfn $(SONAME) $@

# One file to be linked into a program, of one object in which all but the functions of the API has become local (-d: what
# is common, too), so that it lives beside other archives of Go. As capi/start.ld does, it keeps what starts Go from being
# run when the program begins.
STATIC  := $(BUILD)/libqnet.a
SCRAPS   = $(BUILD)/go/static
OBJCOPY  = $(shell $(CC) -print-prog-name=objcopy)
GO_ENTRY = .data.rel.ro.qnet_go_entry
.PHONY: static
static: $(STATIC) ## The library to be linked into programs: build/libqnet.a
$(STATIC): GO_TAGS = netcgo,qnet_archive
$(STATIC): $(SOURCES) $(HEADERS) Makefile
	@rm -rf $(SCRAPS) && mkdir -p $(SCRAPS)
	$(GO_BUILD) -trimpath -buildmode=c-archive -ldflags "-s -w -buildid=" -o $(SCRAPS)/go.a ./capi
	cd $(SCRAPS) && $(AR) x go.a
	$(OBJCOPY) --rename-section .init_array=$(GO_ENTRY) --add-symbol qnetc_go_entry=$(GO_ENTRY):0,global,object $(SCRAPS)/go.o
	$(CC) -r -nostdlib -Wl,-d $(SCRAPS)/*.o -o $(SCRAPS)/all
	sed -n 's/^\t\(qnet_[a-z0-9_]*\);$$/\1/p' capi/exports.map >$(SCRAPS)/names
	$(OBJCOPY) --strip-debug --keep-global-symbols=$(SCRAPS)/names $(SCRAPS)/all $(SCRAPS)/libqnet.o
	@rm -f $(SCRAPS)/libqnet.a
	$(AR) rcD $(SCRAPS)/libqnet.a $(SCRAPS)/libqnet.o
	@mv -f $(SCRAPS)/libqnet.a $@
	@rm -rf $(SCRAPS)

# With what debuggers want to know, from which the types of the ABI can be read.
ABI_LIBRARY := $(BUILD)/abi/libqnet.so
.PHONY: abi-library abi-record
abi-library: $(ABI_LIBRARY) ## The library with debug information: build/abi/libqnet.so
$(ABI_LIBRARY): $(SOURCES) $(HEADERS) Makefile
	@mkdir -p $(@D)
	$(call BUILD_LIBRARY,-w=false,$@)
	@rm -f $(@D)/libqnet.h
abi-record: $(ABI_LIBRARY) ## Records the ABI at a release, in capi/abi, which later versions must keep
	abidw --exported-interfaces-only --drop-private-types --headers-dir include --no-show-locs --no-elf-needed \
		--no-corpus-path --no-comp-dir-path --type-id-style hash \
		--out-file capi/abi/qnet-$(basename $(VERSION)).abi $(ABI_LIBRARY)

.PHONY: race
race: $(ARCHIVE) ## The library with Go's race detector: build/race/libqnet.a, to be linked with -no-pie
$(ARCHIVE): GO_TAGS = netcgo,qnet_debug
$(ARCHIVE): $(SOURCES) $(HEADERS) Makefile
	@mkdir -p $(BUILD)/go/race $(@D)
	$(GO_BUILD) -race -buildmode=c-archive -o $(BUILD)/go/race/libqnet.a ./capi
	@rm -f $(BUILD)/go/race/libqnet.h
	@mv -f $(BUILD)/go/race/libqnet.a $@

# With the address sanitizer in C, and with what tells libFuzzer which branches of C and Go an input takes.
FUZZ_ARCHIVE := $(BUILD)/fuzz/libqnet.a
CLANG = clang
.PHONY: fuzz-library
fuzz-library: $(FUZZ_ARCHIVE) ## The library for fuzzing with libFuzzer: build/fuzz/libqnet.a (CLANG=clang)
$(FUZZ_ARCHIVE): override CC = $(CLANG)
$(FUZZ_ARCHIVE): GO_TAGS = netcgo,libfuzzer,qnet_debug
$(FUZZ_ARCHIVE): $(SOURCES) $(HEADERS) Makefile
	@mkdir -p $(BUILD)/go/fuzz $(@D)
	CGO_CFLAGS="-O1 -g -fsanitize=address,undefined,fuzzer-no-link -fno-sanitize-recover=all" && \
		$(GO_BUILD) -gcflags=all=-d=libfuzzer -buildmode=c-archive -o $(BUILD)/go/fuzz/libqnet.a ./capi
	@rm -f $(BUILD)/go/fuzz/libqnet.h
	@mv -f $(BUILD)/go/fuzz/libqnet.a $@

# ---- Libraries for other systems ----

# A library needs the version of the GNU C library that has what it was linked with. ziglang of PyPI is a C compiler that
# has the headers and symbols of each version, for each processor.
OLDEST_GLIBC   = 2.17
PORTABLE       = $(BUILD)/portable
PORTABLE_TOOLS = $(PORTABLE)/tools
ZIG            = $(abspath $(PORTABLE_TOOLS))/bin/python -m ziglang
MACHINES       = x86_64 aarch64
GOARCH_x86_64  = amd64
GOARCH_aarch64 = arm64

.PHONY: portable zig
portable: $(addprefix portable-,$(MACHINES)) ## The library for each Linux since 2014 (glibc 2.17): build/portable/x86_64 and aarch64
portable-%: $(PORTABLE_TOOLS)/installed
	ZIG_GLOBAL_CACHE_DIR=$(abspath $(PORTABLE))/cache CGO_ENABLED=1 GOARCH=$(GOARCH_$*) \
		$(MAKE) BUILD=$(PORTABLE)/$* CC="$(ZIG) cc -target $*-linux-gnu.$(OLDEST_GLIBC)" library extension
zig: $(PORTABLE_TOOLS)/installed
$(PORTABLE_TOOLS)/installed: $(REQUIREMENTS)/portable.txt
	$(PYTHON) -m venv --clear $(PORTABLE_TOOLS)
	$(PORTABLE_TOOLS)/bin/python -m pip install -q --disable-pip-version-check --require-hashes -r $<
	@touch $@

# ---- Examples ----

BIN      = $(BUILD)/bin
WARNINGS = -Wall -Wextra -Wpedantic
EXAMPLES := $(patsubst examples/c/%.c,$(BIN)/%,$(wildcard examples/c/*.c))
# The benchmark's programs; those of other libraries where these are installed.
BENCH_C  := $(filter-out %/libuv_echo_server.c %/openssl_echo_server.c,$(wildcard $(addsuffix /*.c,$(addprefix examples/bench/,client loop proxy send servers threads udp))))
BENCH    := $(addprefix $(BIN)/,$(basename $(notdir $(BENCH_C)))) $(BIN)/qnet_cpp_echo_server $(BIN)/go_echo_server
installed = $(shell pkg-config --exists $(1) 2>/dev/null && echo yes)
ifeq ($(call installed,libuv),yes)
BENCH    += $(BIN)/libuv_echo_server
endif
OPENSSL  := $(call installed,openssl)
ifeq ($(OPENSSL),yes)
BENCH    += $(BIN)/tls_load_client $(BIN)/openssl_echo_server
endif
ifneq ($(wildcard /usr/include/asio.hpp /usr/local/include/asio.hpp),)
BENCH    += $(BIN)/asio_echo_server $(if $(OPENSSL),$(BIN)/asio_ssl_echo_server)
endif
ifeq ($(call installed,Qt6Network),yes)
BENCH    += $(BIN)/qt_echo_server $(BIN)/qt_proxy_client $(BIN)/qt_udp_receiver
endif
EXAMPLES_CPP := $(patsubst examples/cpp/%.cpp,$(BIN)/cpp/%,$(wildcard examples/cpp/*.cpp))

.PHONY: examples demo
examples: $(EXAMPLES) $(EXAMPLES_CPP) $(BENCH) ## The examples and the benchmark's programs, in build/bin

define COMPILE
@mkdir -p $(@D)
$(CC) -std=c11 $(WARNINGS) $(CPPFLAGS) $(CFLAGS) -pthread -Iinclude $< -o $@ \
	$(LDFLAGS) -L$(BUILD) -lqnet -Wl,-rpath,'$$ORIGIN/..'
endef

$(EXAMPLES): $(BIN)/%: examples/c/%.c $(HEADERS) Makefile | $(LIBRARY)
	$(COMPILE)
define COMPILE_CPP
@mkdir -p $(@D)
$(CXX) -std=c++17 $(WARNINGS) $(CPPFLAGS) $(CXXFLAGS) -pthread -Iexamples/cpp/qnet -Ibindings/cpp -Iinclude $< -o $@ \
	$(LDFLAGS) -L$(BUILD) -lqnet -Wl,-rpath,'$$ORIGIN/..:$$ORIGIN/../..'
endef

$(EXAMPLES_CPP): $(BIN)/cpp/%: examples/cpp/%.cpp $(wildcard examples/cpp/*.h examples/cpp/qnet/*.h) \
		$(HEADERS) $(CPP_HEADERS) $(CPP_DETAILS) Makefile | $(LIBRARY)
	$(COMPILE_CPP)

$(BIN)/%: examples/bench/client/%.c $(wildcard examples/bench/client/*.h) Makefile | $(LIBRARY)
	$(COMPILE)
$(BIN)/%: examples/bench/loop/%.c examples/bench/loop/loop_bench.h examples/bench/measure.h $(HEADERS) Makefile | $(LIBRARY)
	$(COMPILE)
$(BIN)/%: examples/bench/proxy/%.c examples/bench/proxy/proxy_bench.h examples/bench/measure.h $(HEADERS) Makefile | $(LIBRARY)
	$(COMPILE)
$(BIN)/%: examples/bench/send/%.c examples/bench/send/send_bench.h examples/bench/measure.h $(HEADERS) Makefile | $(LIBRARY)
	$(COMPILE)
$(BIN)/%: examples/bench/threads/%.c examples/bench/threads/thread_bench.h examples/bench/measure.h $(HEADERS) Makefile | $(LIBRARY)
	$(COMPILE)
$(BIN)/%: examples/bench/udp/%.c examples/bench/udp/udp_bench.h examples/bench/measure.h $(HEADERS) Makefile | $(LIBRARY)
	$(COMPILE)
$(BIN)/%_echo_server: examples/bench/servers/%_echo_server.c $(wildcard examples/bench/servers/*.h) $(HEADERS) Makefile | $(LIBRARY)
	$(COMPILE)
$(BIN)/qnet_cpp_echo_server: examples/bench/servers/echo_server.cpp examples/bench/servers/server.h \
		examples/cpp/qnet/port.h $(HEADERS) $(CPP_HEADERS) $(CPP_DETAILS) Makefile | $(LIBRARY)
	$(COMPILE_CPP)

define COMPILE_PEER
@mkdir -p $(@D)
$(CXX) -std=c++17 $(WARNINGS) $(CPPFLAGS) $(CXXFLAGS) -fPIC -pthread $(PEER_FLAGS) $< -o $@ $(LDFLAGS) $(PEER_LIBS)
endef
$(BIN)/qt_%: PEER_FLAGS = -Iexamples/cpp/qt $(shell pkg-config --cflags Qt6Network)
$(BIN)/qt_%: PEER_LIBS = $(shell pkg-config --libs Qt6Network)

$(BIN)/libuv_echo_server: examples/bench/servers/libuv_echo_server.c examples/bench/servers/server.h Makefile
	@mkdir -p $(@D)
	$(CC) -std=c11 $(WARNINGS) $(CPPFLAGS) $(CFLAGS) $< -o $@ $(LDFLAGS) $(shell pkg-config --cflags --libs libuv)
$(BIN)/asio_ssl_echo_server: PEER_FLAGS = -DENCRYPTED $(shell pkg-config --cflags openssl)
$(BIN)/asio_ssl_echo_server: PEER_LIBS = $(shell pkg-config --libs openssl)
$(BIN)/asio_ssl_echo_server: examples/bench/servers/asio_echo_server.cpp examples/bench/servers/server.h Makefile
	$(COMPILE_PEER)
define COMPILE_OPENSSL
@mkdir -p $(@D)
$(CC) -std=c11 $(WARNINGS) $(CPPFLAGS) $(CFLAGS) -DENCRYPTED $< -o $@ $(LDFLAGS) $(shell pkg-config --cflags --libs openssl)
endef
$(BIN)/tls_load_client: examples/bench/client/load_client.c $(wildcard examples/bench/client/*.h) Makefile
	$(COMPILE_OPENSSL)
$(BIN)/openssl_echo_server: examples/bench/servers/openssl_echo_server.c examples/bench/servers/server.h examples/bench/servers/listen.h Makefile
	$(COMPILE_OPENSSL)
$(BIN)/asio_echo_server: examples/bench/servers/asio_echo_server.cpp examples/bench/servers/server.h Makefile
	$(COMPILE_PEER)
$(BIN)/qt_echo_server: examples/bench/servers/echo_server.cpp examples/bench/servers/server.h examples/cpp/qt/port.h Makefile
	$(COMPILE_PEER)
$(BIN)/qt_proxy_client: examples/bench/proxy/qt_proxy_client.cpp examples/bench/proxy/proxy_bench.h examples/bench/measure.h Makefile
	$(COMPILE_PEER)
$(BIN)/qt_udp_receiver: examples/bench/udp/qt_udp_receiver.cpp examples/bench/udp/udp_bench.h examples/bench/measure.h Makefile
	$(COMPILE_PEER)
$(BIN)/go_echo_server: examples/bench/servers/go/main.go go.mod Makefile
	@mkdir -p $(@D)
	$(GO) build -buildvcs=false -trimpath -o $@ ./examples/bench/servers/go

# qnet inside other event loops, whose libraries these need.
.PHONY: loops
loops: $(BIN)/loop_glib $(BIN)/loop_uv $(BIN)/loop_poll $(BIN)/loop_qt ## The examples of other event loops (GLib, libuv, Qt)
$(BIN)/loop_glib: PACKAGE = glib-2.0
$(BIN)/loop_uv: PACKAGE = libuv
$(BIN)/loop_qt: PACKAGE = Qt6Core
LOOP_FLAGS = $(if $(PACKAGE),$(shell pkg-config --cflags --libs $(PACKAGE)))
$(BIN)/loop_%: examples/loops/loop_%.c examples/loops/echo.h $(HEADERS) Makefile | $(LIBRARY)
	@mkdir -p $(@D)
	$(CC) -std=c11 $(WARNINGS) $(CPPFLAGS) $(CFLAGS) -pthread -Iinclude $< -o $@ \
		$(LDFLAGS) -L$(BUILD) -lqnet -Wl,-rpath,'$$ORIGIN/..' $(LOOP_FLAGS)
$(BIN)/loop_%: examples/loops/loop_%.cpp examples/loops/echo.h $(HEADERS) Makefile | $(LIBRARY)
	@mkdir -p $(@D)
	$(CXX) -std=c++17 $(WARNINGS) $(CPPFLAGS) -O2 -g -fPIC -pthread -Iinclude $< -o $@ \
		$(LDFLAGS) -L$(BUILD) -lqnet -Wl,-rpath,'$$ORIGIN/..' $(LOOP_FLAGS)

demo: $(LIBRARY) $(EXAMPLES) ## Shows servers and clients at work
	$(PYTHON) examples/demo.py --bin $(BIN)

# ---- Benchmarks ----

BENCH_VENV = $(BUILD)/bench-venv
RUN_BENCH  = examples/bench/run_bench.py --bin-dir $(BIN)

# In a second make, which sees what the first step has installed.
.PHONY: bench bench-udp bench-tls bench-python bench-programs
bench: ## Measures qnet against others, and writes tables and plots (BENCH_ARGUMENTS=--quick)
	$(PYTHON) examples/bench/install_peers.py --venv $(BENCH_VENV) --requirements $(REQUIREMENTS)/bench.txt
	$(MAKE) bench-programs
	"$$([ -x $(BENCH_VENV)/bin/python ] && echo $(BENCH_VENV)/bin/python || echo $(PYTHON))" $(RUN_BENCH) $(BENCH_ARGUMENTS)
bench-udp: ## Measures receivers of datagrams alone
	$(MAKE) bench BENCH_ARGUMENTS="--scenarios udp udp-beside $(BENCH_ARGUMENTS)"
bench-tls: ## Measures encrypted connections, which `make bench` does not
	$(MAKE) bench BENCH_ARGUMENTS="--tls $(BENCH_ARGUMENTS)"
bench-python: ## Measures the servers in Python alone
	$(MAKE) bench BENCH_ARGUMENTS="--servers qnet-python PySide6 asyncio asyncio-streams qnet-asyncio uvloop $(BENCH_ARGUMENTS)"
bench-programs: $(LIBRARY) $(BENCH)

# ---- The Python package ----

WHEELS      = $(BUILD)/wheels
WHEEL_TOOLS = $(BUILD)/wheel-tools
# Of the files in the wheel, so that it too has the same bytes anywhere.
WHEEL_TIME  = umask 022; export TZ=UTC SOURCE_DATE_EPOCH=$(TIME);

# How a wheel is made, and its name is given the oldest system that it runs on: of which library, and where.
define BUILD_WHEEL
@mkdir -p $(2)
@rm -f $(2)/*.whl
$(WHEEL_TIME) QNET_WHEEL_LIBRARY=$(abspath $(1)) $(WHEEL_TOOLS)/bin/python -m pip wheel -q --disable-pip-version-check --no-deps \
	--no-build-isolation -w $(2)/linux bindings/python
$(WHEEL_TIME) PATH="$(abspath $(WHEEL_TOOLS))/bin:$$PATH" auditwheel repair -w $(2) $(2)/linux/qnet-*.whl
@rm -rf $(2)/linux
@ls $(2)/qnet-*.whl
endef

.PHONY: wheel wheels
wheel: $(LIBRARY) $(EXTENSION) $(WHEEL_TOOLS)/installed ## The Python package with the library inside: build/wheels/*.whl
	$(call BUILD_WHEEL,$(LIBRARY),$(WHEELS))
wheels: $(addprefix wheel-,$(MACHINES)) ## The same with the portable libraries: build/portable/wheels/*/*.whl
wheel-%: portable-% $(WHEEL_TOOLS)/installed
	$(call BUILD_WHEEL,$(PORTABLE)/$*/libqnet.so,$(PORTABLE)/wheels/$*)

$(WHEEL_TOOLS)/installed: $(REQUIREMENTS)/wheel.txt
	$(PYTHON) -m venv --clear $(WHEEL_TOOLS)
	$(WHEEL_TOOLS)/bin/python -m pip install -q --disable-pip-version-check --require-hashes -r $<
	@touch $@

.PHONY: requirements
requirements: ## Looks up the exact versions of the Python packages, from requirements/*.in
	$(PYTHON) -m venv --clear $(BUILD)/requirements
	$(BUILD)/requirements/bin/python -m pip install -q --disable-pip-version-check uv==0.13.8
	for list in $(REQUIREMENTS)/*.in; do $(BUILD)/requirements/bin/uv pip compile -q --universal --python-version 3.10 \
		--generate-hashes --upgrade --no-header "$$list" -o "$${list%.in}.txt" || exit; done

# ---- Tests ----

.PHONY: test
test: ## Every test; sets up what it needs
	@$(PYTHON) capi/tests/run
test-%: ## One part of the tests: test-go, test-c TEST=api_socket CASE=reading, ... (capi/tests/run --list)
	@$(PYTHON) capi/tests/run $*
.PHONY: check
check: ## What is quick: each test that needs no sanitizer, race detector, load or fresh environment
	@$(PYTHON) capi/tests/run --check
export TEST CASE
.PHONY: load
load: ## The load tests at length: 10,000,000 connections
	@QNET_LOAD="--connections 10000000 --at-once 19500" $(PYTHON) capi/tests/run load

# Other programs than `make test` has.
SEED    := $(shell date +%s)
PROGRAMS = 10000
.PHONY: random
random: ## Compares many more programs made by chance with Qt (SEED=42 PROGRAMS=10000 of each kind, TEST=udp one kind)
	@QNET_RANDOM="--seed $(SEED) --programs $(PROGRAMS) --show" $(PYTHON) capi/tests/run random

# What the tests do not notice. The default is what an hour or two are enough for, on two processors.
COUNT   = 250
WORKERS = 2
MUTANTS = $(BUILD)/mutants-$(SEED).jsonl
.PHONY: mutants
mutants: ## Breaks the core in random places, and shows what no test notices (SEED=42 COUNT=250 TEST=core/buffer WORKERS=2)
	$(GO) run ./capi/internal/mutate -seed $(SEED) -count $(COUNT) -workers $(WORKERS) -only "$(TEST)" -out $(MUTANTS)

# Needs Go's database of vulnerabilities, at vuln.go.dev.
GOVULNCHECK = golang.org/x/vuln/cmd/govulncheck@v1.8.0
.PHONY: vulncheck
vulncheck: ## Looks for known vulnerabilities in Go and the modules that the library calls
	$(GO) run $(GOVULNCHECK) ./capi ./core/...
# CPU time for each target.
FUZZ_SECONDS = 600
.PHONY: fuzz
fuzz: ## Fuzzes each parser and the API for ten minutes (FUZZ_SECONDS=600)
	@FUZZ_SECONDS=$(FUZZ_SECONDS) $(PYTHON) capi/tests/run fuzz

# ---- The reference ----

DOCS := $(BUILD)/docs
.PHONY: docs
docs: $(DOCS)/made ## The reference of the C API: build/docs/html/index.html and manual pages
$(DOCS)/made: $(HEADERS) $(wildcard capi/internal/header/*.go capi/internal/reference/*.go)
	@rm -rf $(DOCS)
	$(GO) run ./capi/internal/reference -out $(DOCS)
	@touch $@

# ---- Installation ----

# What is installed finds its other parts by the way from its own place, so that the whole may be moved.
FILL = sed -e 's|@VERSION@|$(VERSION)|g' -e 's|@MAJOR@|$(MAJOR)|g' -e 's|@SONAME@|$(SONAME)|g' \
	-e "s|@TO_PREFIX@|$$(realpath -ms --relative-to="$(LIBDIR)/pkgconfig" "$(PREFIX)")|g" \
	-e "s|@TO_INCLUDE@|$$(realpath -ms --relative-to="$(LIBDIR)/pkgconfig" "$(INCLUDEDIR)")|g"
TO_LIB     = $(DESTDIR)$(LIBDIR)
TO_INCLUDE = $(DESTDIR)$(INCLUDEDIR)

.PHONY: install install-static
install: $(LIBRARY) $(DOCS)/made ## Installs library, headers, CMake package, qnet.pc, reference and licences below PREFIX (/usr/local)
	install -d "$(TO_LIB)/pkgconfig" "$(TO_LIB)/cmake/qnet" "$(TO_INCLUDE)/qnet/detail" "$(DESTDIR)$(DOCDIR)"
	install -m 755 $(REAL) "$(TO_LIB)/$(notdir $(REAL))"
	ln -sfn $(notdir $(REAL)) "$(TO_LIB)/$(SONAME)"
	ln -sfn $(SONAME) "$(TO_LIB)/libqnet.so"
	install -m 644 $(HEADERS) $(CPP_HEADERS) "$(TO_INCLUDE)/qnet"
	install -m 644 $(CPP_DETAILS) "$(TO_INCLUDE)/qnet/detail"
	install -m 644 LICENSE capi/NOTICE "$(DESTDIR)$(DOCDIR)"
	install -d "$(DESTDIR)$(DOCDIR)/html" "$(DESTDIR)$(MANDIR)/man3" "$(DESTDIR)$(MANDIR)/man7"
	install -m 644 $(DOCS)/html/* "$(DESTDIR)$(DOCDIR)/html"
	install -m 644 $(DOCS)/man3/* "$(DESTDIR)$(MANDIR)/man3"
	install -m 644 $(DOCS)/man7/* "$(DESTDIR)$(MANDIR)/man7"
	$(FILL) capi/qnet.pc.in >"$(TO_LIB)/pkgconfig/qnet.pc"
	$(FILL) capi/qnetConfig.cmake.in >"$(TO_LIB)/cmake/qnet/qnetConfig.cmake"
	$(FILL) capi/qnetConfigVersion.cmake.in >"$(TO_LIB)/cmake/qnet/qnetConfigVersion.cmake"
	chmod 644 "$(TO_LIB)/pkgconfig/qnet.pc" "$(TO_LIB)/cmake/qnet/"*.cmake

install-static: $(STATIC) ## Installs libqnet.a beside it
	install -d "$(TO_LIB)"
	install -m 644 $(STATIC) "$(TO_LIB)/libqnet.a"

# ---- Debian packages ----

# Made in a copy of the tree, where debian/ is what .github/debian is here. Go may come from anywhere, so dpkg does not look
# for the packages that are needed to build these (-d).
DEB        = $(BUILD)/deb
DEB_TREE   = $(DEB)/qnet-$(VERSION)
MAINTAINER = The qnet authors <qnet@qnet.invalid>
TIME      := $(or $(SOURCE_DATE_EPOCH),1580601600)
.PHONY: deb
deb: ## The Debian packages: build/deb/*.deb
	@rm -rf $(DEB) && mkdir -p $(DEB_TREE)
	tar -c --exclude=./build --exclude=./.git --exclude=__pycache__ . | tar -x -C $(DEB_TREE)
	cp -r .github/debian $(DEB_TREE)/debian
	sed -i 's|@MAINTAINER@|$(MAINTAINER)|' $(DEB_TREE)/debian/control
	cat LICENSE capi/NOTICE >$(DEB_TREE)/debian/copyright
	printf 'qnet (%s-1) unstable; urgency=medium\n\n  * What is new is in the changelog of the sources.\n\n -- %s  %s\n' "$(VERSION)" \
		"$(MAINTAINER)" "$$(LC_ALL=C date -R -u -d @$(TIME))" >$(DEB_TREE)/debian/changelog
	cd $(DEB_TREE) && env -u MAKEFLAGS -u MAKELEVEL SOURCE_DATE_EPOCH=$(TIME) GOCACHE="$$($(GO) env GOCACHE)" GOPATH="$$($(GO) env GOPATH)" \
		dpkg-buildpackage -b -us -uc -d
	@rm -rf $(DEB_TREE)
	@ls $(DEB)/*.deb

# ---- The rest ----

.PHONY: generate format clean help
generate: ## Writes anew what is generated from the headers
	$(GO) generate ./capi
format: ## Formats the Go code
	gofmt -w core capi
clean: ## Removes everything that was built
	rm -rf $(BUILD)
help: ## This list
	@sed -n 's/^\([a-z%-]*\):.*## /\1	/p' Makefile | expand -t 12
