// Runs the tests, and reports them as the other test programs of qnet do: a line for each, and their numbers at the end.
#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include <csignal>
#include <cstdio>
#include <mutex>
#include <string>

#include <unistd.h>

// The same as the C tests have. It also keeps what the library allocates from looking leaked to the sanitizer.
#include "../../../capi/tests/leaks.h"

namespace {

// Seconds that all tests together may take.
constexpr unsigned patience = 300;
const char *current = "nothing";
bool left_behind = false;

struct Lines : doctest::IReporter {
	std::string name, why;
	unsigned passed = 0, failed = 0;
	std::mutex mutex;

	explicit Lines(const doctest::ContextOptions &) {}

	void report_query(const doctest::QueryData &) override {}
	void test_run_start() override { leaks_begin(); }
	void test_run_end(const doctest::TestRunStats &) override
	{
		current = "leaks";
		const char *left = leaks_found();
		if (left == nullptr) {
			passed++;
			std::printf("ok leaks\n");
		} else {
			failed++;
			left_behind = true;
			std::printf("FAIL leaks: %s\n", left);
		}
		std::printf("%u passed, %u failed\n", passed, failed);
	}
	void test_case_start(const doctest::TestCaseData &test) override
	{
		current = test.m_name;
		name = test.m_name;
		why.clear();
	}
	void test_case_reenter(const doctest::TestCaseData &) override {}
	void test_case_end(const doctest::CurrentTestCaseStats &test) override
	{
		if (test.testCaseSuccess) {
			passed++;
			std::printf("ok %s\n", name.c_str());
		} else {
			failed++;
			std::printf("FAIL %s: %s\n", name.c_str(), why.empty() ? "not said why" : why.c_str());
		}
		std::fflush(stdout);
	}
	void test_case_exception(const doctest::TestCaseException &error) override { add(error.error_string.c_str()); }
	void subcase_start(const doctest::SubcaseSignature &) override {}
	void subcase_end() override {}
	void log_assert(const doctest::AssertData &assert) override
	{
		if (assert.m_failed)
			add((std::string(assert.m_file) + ':' + std::to_string(assert.m_line) + ": " + assert.m_expr + " is " +
			     assert.m_decomp.c_str() + assert.m_exception.c_str())
			        .c_str());
	}
	void log_message(const doctest::MessageData &message) override { add(message.m_string.c_str()); }
	void test_case_skipped(const doctest::TestCaseData &) override {}

private:
	void add(const char *text)
	{
		std::lock_guard<std::mutex> lock(mutex);
		for (why += why.empty() ? "" : "; "; *text != '\0'; text++)
			why += *text == '\n' ? ' ' : *text;
	}
};

DOCTEST_REGISTER_REPORTER("lines", 1, Lines);

void giveUp(int)
{
	char text[256];
	const int size = std::snprintf(text, sizeof text, "FAIL %s: hangs\n0 passed, 1 failed\n", current);
	static_cast<void>(!::write(STDOUT_FILENO, text, static_cast<std::size_t>(size)));
	::_exit(1);
}

} // namespace

int main(int argc, char **argv)
{
	struct sigaction action = {};
	action.sa_handler = giveUp;
	action.sa_flags = SA_ONSTACK;
	sigaction(SIGALRM, &action, nullptr);
	alarm(patience);

	doctest::Context context;
	context.setOption("reporters", "lines");
	context.applyCommandLine(argc, argv);
	const int status = context.run();
	return left_behind ? 1 : status;
}
