# Checks of the code itself. Each is a script that says what is wrong and where.
lint_tests = \
	tests/lint/check-layers \
	tests/lint/check-banned \
	tests/lint/check-headers \
	tests/lint/check-globals \
	tests/lint/check-links \
	tests/lint/check-po \
	tests/lint/check-quirks \
	tests/lint/check-docs \
	tests/lint/check-words
TESTS += $(lint_tests)
EXTRA_DIST += $(lint_tests) tests/lint/layers.awk tests/lint/banned.awk tests/lint/globals.allow tests/limit tests/count
