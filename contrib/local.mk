EXTRA_DIST += .editorconfig .clang-format
