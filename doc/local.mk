# Documents. What the vocabulary tables generate is listed here, too.
EXTRA_DIST += \
	doc/ARCHITECTURE.md doc/hacking.md doc/glossary.md doc/differences-from-mutt.md \
	doc/adr/README.md doc/adr/0012-sending.md doc/adr/0016-words.md \
	doc/adr/0001-processes.md doc/adr/0002-one-writer.md doc/adr/0003-error-value.md \
	doc/adr/0004-vocabulary-tables.md doc/adr/0005-tests.md doc/adr/0006-no-plugins.md doc/adr/0007-dependencies.md \
	doc/adr/0008-sha256.md doc/adr/0009-reading-mail.md doc/adr/0010-scram.md doc/adr/0011-one-checkpointer.md

dist_man_MANS += doc/feist.1 doc/feistrc.5
EXTRA_DIST += doc/messages.awk doc/messages.md doc/quirks.awk doc/quirks.md
EXTRA_DIST += doc/feistrc.5.in doc/muttrc.example.in doc/update-generated

# After a change of src/vocab: the generated documents, in the source tree.
update-docs: feist$(EXEEXT)
	$(srcdir)/doc/update-generated ./feist$(EXEEXT)
.PHONY: update-docs check-docs
check-docs: feist$(EXEEXT)
	FEIST_SRCDIR='$(srcdir)' FEIST_BUILDDIR=. $(srcdir)/tests/lint/check-docs
