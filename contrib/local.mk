EXTRA_DIST += .editorconfig .clang-format .gitattributes .ci/run \
	contrib/lib.sh contrib/packages contrib/try contrib/check contrib/update-po contrib/install-sample \
	contrib/sample

desktopdir = $(datadir)/applications
dist_desktop_DATA = contrib/feist.desktop
metainfodir = $(datadir)/metainfo
dist_metainfo_DATA = contrib/io.github.feist_mail.feist.metainfo.xml
