# Shared by contrib/try and contrib/check: which system this is, what is missing, quiet steps with a
# log. POSIX sh; sourced with $top set to the top of the checkout.

# The name of the system as contrib/packages calls it.
system_name()
{
	case $(uname -s) in
	Darwin) echo macos; return ;;
	FreeBSD) echo freebsd; return ;;
	esac
	[ -r /etc/os-release ] || { echo unknown; return; }
	# shellcheck disable=SC1091
	case " $(. /etc/os-release; echo "$ID ${ID_LIKE:-}") " in
	*" debian "* | *" ubuntu "*) echo debian ;;
	*" fedora "* | *" rhel "*) echo fedora ;;
	*" arch "*) echo arch ;;
	*" alpine "*) echo alpine ;;
	*) echo unknown ;;
	esac
}

# packages SYSTEM PURPOSE...: their names, one a line.
packages()
{
	system=$1; shift
	for purpose; do
		sed -n "s/^$system $purpose: //p" "$top/contrib/packages"
	done | tr ' ' '\n' | sort -u
}

install_command()
{
	case $1 in
	fedora) echo 'sudo dnf install' ;;
	arch) echo 'sudo pacman -S --needed' ;;
	alpine) echo 'sudo apk add' ;;
	freebsd) echo 'sudo pkg install' ;;
	macos) echo 'brew install' ;;
	esac
}

as_root()
{
	if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

debian_missing()
{
	for p in $(packages debian "$@"); do
		case $(dpkg-query -W -f '${db:Status-Status}' "$p" 2>/dev/null) in
		installed) ;;
		*) echo "$p" ;;
		esac
	done
}

# Postfix must not make a mail server of this machine: only its programs are wanted.
debian_install()
{
	echo 'postfix postfix/main_mailer_type select No configuration' |
		as_root debconf-set-selections >>"$log" 2>&1 || true
	as_root env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get install -y --no-install-recommends "$@" \
		>>"$log" 2>&1
}

# need PURPOSE...: install what is missing (Debian, Ubuntu), or say what to install. Fails when that
# did not work.
need()
{
	system=$(system_name)
	case $system in
	debian)
		missing=$(debian_missing "$@" | tr '\n' ' ')
		[ -n "$missing" ] || return 0
		if [ "$(id -u)" != 0 ] && ! command -v sudo >/dev/null 2>&1; then
			echo "These packages are missing; install them as root and call this again:"
			echo "  apt-get install --no-install-recommends $missing"
			return 1
		fi
		say "installing $missing"
		# The lists of a fresh machine may be missing or old; one update, then a second attempt.
		# shellcheck disable=SC2086
		debian_install $missing || {
			as_root apt-get update >>"$log" 2>&1
			debian_install $missing
		} || { tail -n 20 "$log"; echo "apt-get could not install: $missing"; return 1; } ;;
	unknown)
		say "unknown system: the packages that Debian needs are in contrib/packages" ;;
	*)
		stamp="${XDG_CACHE_HOME:-$HOME/.cache}/feist-packages-$system"
		pkg-config --exists ncursesw openssl sqlite3 zlib libpcre2-8 libutf8proc 2>/dev/null || {
			echo "feist needs these packages here; install them and call this again:"
			echo "  $(install_command "$system") $(packages "$system" "$@" | tr '\n' ' ')"
			return 1
		}
		[ -e "$stamp" ] || say "optional: $(install_command "$system") $(packages "$system" "$@" | tr '\n' ' ')" ;;
	esac
}

say() { printf '%s\n' "-- $*"; }

jobs()
{
	getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2
}

find_make()
{
	if command -v gmake >/dev/null 2>&1; then echo gmake; else echo make; fi
}

# step TEXT COMMAND...: runs it with its output in $log; on failure shows the end of that.
step()
{
	text=$1; shift
	say "$text"
	start=$(wc -l <"$log")
	"$@" >>"$log" 2>&1 && return 0
	echo "FAILED: $text; the end of $log:"
	tail -n +"$((start + 1))" "$log" | grep -E '(error|undefined reference|No rule to make|cannot find)[: ]|\*\*\*' | head -n 20
	tail -n +"$((start + 1))" "$log" | grep -v '^g\{0,1\}make' | tail -n 20
	return 1
}

# The configure script is made when it is not there or older than what it is made from.
bootstrap()
{
	(
		cd "$top" || exit 1
		if [ -x configure ] && [ -f Makefile.in ] && [ -z "$(find configure.ac Makefile.am src tests doc contrib \
			\( -name '*.mk' -o -name '*.am' -o -name '*.ac' \) -newer Makefile.in)" ]; then
			exit 0
		fi
		autoreconf -fi
	)
}
