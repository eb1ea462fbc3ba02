/*
 * The canary: what code that has taken over feist-render would try. Each attempt runs in a child of
 * its own, in the renderer's cage, with a descriptor of the parent and a channel left open as in
 * life; none may succeed, and the parent must still be there. Skipped where the kernel offers no
 * cage, and in builds with sanitizers.
 */
#include <errno.h>
#include <fcntl.h>
#include <iconv.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/sandbox.h"
#include "tests/unit/t.h"

static const char *dir; /* of this test, exists */

enum outcome { HELD, ESCAPED, NO_CAGE };

static bool file(const char *name, int flags)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s%s%s", *name == '/' ? "" : dir, *name == '/' ? "" : "/",
		name);
	return open(path, flags, 0600) >= 0;
}

static const char *at(const char *name)
{
	static char path[2][4096];
	static int which;

	which = !which;
	snprintf(path[which], sizeof(path[0]), "%s/%s", dir, name);
	return path[which];
}

/* ---- files ---- */

static bool read_passwd(void)
{
	return file("/etc/passwd", O_RDONLY);
}
static bool read_own_memory(void)
{
	return file("/proc/self/mem", O_RDWR);
}
static bool read_maps(void)
{
	return file("/proc/self/maps", O_RDONLY);
}
static bool read_environment(void)
{
	return file("/proc/self/environ", O_RDONLY);
}
static bool read_cmdline_of_init(void)
{
	return file("/proc/1/cmdline", O_RDONLY);
}
static bool read_home(void)
{
	return file("secret", O_RDONLY);
}
static bool list_root(void)
{
	return file("/", O_RDONLY | O_DIRECTORY);
}
static bool list_home(void)
{
	return open(dir, O_RDONLY | O_DIRECTORY) >= 0;
}
static bool path_only(void)
{
	int fd = open(dir, O_PATH);
	return fd >= 0 && openat(fd, "secret", O_RDONLY) >= 0;
}
static bool read_terminal(void)
{
	return file("/dev/tty", O_RDWR);
}
static bool read_device(void)
{
	return file("/dev/kmsg", O_RDONLY);
}
static bool create_file(void)
{
	return file("new", O_WRONLY | O_CREAT);
}
static bool create_tmpfile(void)
{
	return open(dir, O_TMPFILE | O_RDWR, 0600) >= 0;
}
static bool truncate_file(void)
{
	return truncate(at("secret"), 0) == 0;
}
static bool append_file(void)
{
	return file("secret", O_WRONLY | O_APPEND);
}
static bool write_converter(void)
{
	return file("/usr/lib/x86_64-linux-gnu/gconv/x.so", O_WRONLY | O_CREAT);
}
static bool remove_file(void)
{
	return unlink(at("secret")) == 0;
}
static bool rename_file(void)
{
	return rename(at("secret"), at("other")) == 0;
}
static bool hard_link(void)
{
	return link(at("secret"), at("link")) == 0;
}
static bool soft_link(void)
{
	return symlink("/etc/passwd", at("link")) == 0;
}
static bool make_dir(void)
{
	return mkdir(at("d"), 0700) == 0;
}
static bool remove_dir(void)
{
	return rmdir(at("empty")) == 0;
}
static bool make_fifo(void)
{
	return mkfifo(at("fifo"), 0600) == 0;
}
static bool change_mode(void)
{
	return chmod(at("secret"), 0777) == 0;
}
static bool change_owner(void)
{
	return chown(at("secret"), 0, 0) == 0 && geteuid() == 0;
}
static bool change_times(void)
{
	return utimensat(AT_FDCWD, at("secret"), NULL, 0) == 0;
}
static bool change_dir(void)
{
	return chdir("/") == 0;
}
static bool change_root(void)
{
	return chroot(dir) == 0;
}
static bool watch_files(void)
{
	int fd = inotify_init1(0);
	return fd >= 0 && inotify_add_watch(fd, dir, IN_ALL_EVENTS) >= 0;
}
static bool read_link(void)
{
	char buf[100];
	return readlink("/proc/self/exe", buf, sizeof(buf)) > 0;
}
static bool handle_of_file(void)
{
	return syscall(SYS_open_by_handle_at, AT_FDCWD, NULL, O_RDONLY) >= 0;
}

/* ---- the network ---- */

static bool socket_of(int domain, int type, int protocol)
{
	return socket(domain, type, protocol) >= 0;
}
static bool tcp(void)
{
	return socket_of(AF_INET, SOCK_STREAM, 0);
}
static bool tcp6(void)
{
	return socket_of(AF_INET6, SOCK_STREAM, 0);
}
static bool udp(void)
{
	return socket_of(AF_INET, SOCK_DGRAM, 0);
}
static bool raw(void)
{
	return socket_of(AF_INET, SOCK_RAW, IPPROTO_ICMP);
}
static bool local_socket(void)
{
	return socket_of(AF_UNIX, SOCK_STREAM, 0);
}
static bool netlink(void)
{
	return socket_of(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);
}
static bool packet(void)
{
	return socket_of(AF_PACKET, SOCK_RAW, 0);
}
static bool pair(void)
{
	int fd[2];
	return socketpair(AF_UNIX, SOCK_STREAM, 0, fd) == 0;
}
static bool connect_inherited(void)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX, .sun_path = "/run/dbus/system_bus_socket"};
	return connect(3, (struct sockaddr *)&a, sizeof(a)) == 0 || errno == ENOENT ||
	       errno == ENOTCONN;
}

/* ---- programs and processes ---- */

static bool run_shell(void)
{
	return execl("/bin/sh", "sh", "-c", "exit 1", (char *)NULL) == 0;
}
static bool run_memory(void)
{
	char *const argv[] = {(char *)"x", NULL};
	int fd = memfd_create("x", 0);
	return fd >= 0 && syscall(SYS_execveat, fd, "", argv, argv, AT_EMPTY_PATH) == 0;
}
static bool child(void)
{
	pid_t pid = fork();
	if (pid == 0)
		_exit(0);
	return pid > 0;
}
static bool virtual_child(void)
{
	return syscall(SYS_clone, SIGCHLD | CLONE_VM | CLONE_VFORK, 0, 0, 0, 0) > 0;
}
static bool thread(void)
{
	return syscall(SYS_clone3, NULL, 0) > 0 || errno == EINVAL || errno == EFAULT;
}
static bool kill_parent(void)
{
	return kill(getppid(), 0) == 0;
}
static bool kill_all(void)
{
	return kill(-1, 0) == 0;
}
static bool signal_queue(void)
{
	return sigqueue(getppid(), 0, (union sigval){0}) == 0;
}
static bool trace_parent(void)
{
	return ptrace(PTRACE_ATTACH, getppid(), 0, 0) == 0;
}
static bool read_parent(void)
{
	char buf[8];
	struct iovec here = {buf, 8}, there = {(void *)&dir, 8};
	return syscall(SYS_process_vm_readv, getppid(), &here, 1, &there, 1, 0) > 0;
}
static bool descriptor_of_parent(void)
{
	int fd = (int)syscall(SYS_pidfd_open, getppid(), 0);
	return fd >= 0;
}
static bool priority(void)
{
	return setpriority(PRIO_PROCESS, 0, -20) == 0;
}
static bool session(void)
{
	return setsid() >= 0;
}
static bool affinity(void)
{
	cpu_set_t set;
	CPU_ZERO(&set);
	CPU_SET(0, &set);
	return sched_setaffinity(0, sizeof(set), &set) == 0;
}
static bool limits_up(void)
{
	struct rlimit r = {RLIM_INFINITY, RLIM_INFINITY};
	return setrlimit(RLIMIT_AS, &r) == 0;
}

/* ---- the kernel ---- */

static bool become_root(void)
{
	return setuid(0) == 0 && geteuid() == 0;
}
static bool new_namespace(void)
{
	return unshare(CLONE_NEWUSER) == 0;
}
static bool mount_over(void)
{
	return mount("none", dir, "tmpfs", 0, NULL) == 0;
}
static bool bpf(void)
{
	return syscall(SYS_bpf, 0, NULL, 0) >= 0;
}
static bool keyring(void)
{
	return syscall(SYS_keyctl, 0, -3, 1) >= 0;
}
static bool fault_handler(void)
{
	return syscall(SYS_userfaultfd, 0) >= 0;
}
static bool rings(void)
{
	return syscall(SYS_io_uring_setup, 1, NULL) >= 0;
}
static bool performance(void)
{
	return syscall(SYS_perf_event_open, NULL, 0, -1, -1, 0) >= 0;
}
static bool shared_memory(void)
{
	return shmget(IPC_PRIVATE, 4096, IPC_CREAT | 0600) >= 0;
}
static bool message_queue(void)
{
	return syscall(SYS_mq_open, "/x", O_CREAT | O_RDWR, 0600, NULL) >= 0;
}
static bool set_clock(void)
{
	struct timeval t = {0};
	return settimeofday(&t, NULL) == 0;
}
static bool load_module(void)
{
	return syscall(SYS_finit_module, 0, "", 0) == 0;
}
static bool type_into_terminal(void)
{
	return ioctl(0, TIOCSTI, "x") == 0;
}
static bool terminal_size(void)
{
	struct winsize w;
	return ioctl(0, TIOCGWINSZ, &w) == 0;
}
static bool dumpable(void)
{
	return prctl(PR_SET_DUMPABLE, 1) == 0;
}
static bool loosen_filter(void)
{
	return prctl(PR_SET_SECCOMP, 0, NULL) == 0;
}
static bool code_on_heap(void)
{
	return mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1,
		       0) != MAP_FAILED;
}
static bool code_made_of_data(void)
{
	void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	return p != MAP_FAILED && mprotect(p, 4096, PROT_READ | PROT_EXEC) == 0;
}
static bool all_memory(void)
{
	return mmap(NULL, 10ul << 30, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0) != MAP_FAILED;
}
static bool core_file(void)
{
	struct rlimit r;
	return getrlimit(RLIMIT_CORE, &r) != 0 || r.rlim_max != 0;
}
static bool endless(void)
{
	struct rlimit r;
	return getrlimit(RLIMIT_CPU, &r) != 0 || r.rlim_max == RLIM_INFINITY;
}

static const struct attempt {
	const char *what;
	bool (*run)(void); /* true: it got out */
} attempts[] = {
	{"read /etc/passwd", read_passwd},
	{"write to its own memory", read_own_memory},
	{"read its own map", read_maps},
	{"read its environment", read_environment},
	{"look at process 1", read_cmdline_of_init},
	{"read a file of the user", read_home},
	{"list /", list_root},
	{"list the home", list_home},
	{"read below a path descriptor", path_only},
	{"open the terminal", read_terminal},
	{"open a device", read_device},
	{"create a file", create_file},
	{"create a nameless file", create_tmpfile},
	{"truncate a file", truncate_file},
	{"append to a file", append_file},
	{"plant a converter", write_converter},
	{"remove a file", remove_file},
	{"rename a file", rename_file},
	{"link a file", hard_link},
	{"make a symbolic link", soft_link},
	{"make a folder", make_dir},
	{"remove a folder", remove_dir},
	{"make a fifo", make_fifo},
	{"change a mode", change_mode},
	{"change an owner", change_owner},
	{"change times", change_times},
	{"change the folder", change_dir},
	{"change the root", change_root},
	{"watch files", watch_files},
	{"read a link", read_link},
	{"open by handle", handle_of_file},
	{"TCP", tcp},
	{"TCP over IPv6", tcp6},
	{"UDP", udp},
	{"raw socket", raw},
	{"unix socket", local_socket},
	{"netlink", netlink},
	{"packet socket", packet},
	{"socket pair", pair},
	{"connect what it has", connect_inherited},
	{"run a shell", run_shell},
	{"run a program in memory", run_memory},
	{"fork", child},
	{"vfork", virtual_child},
	{"start a thread", thread},
	{"signal the parent", kill_parent},
	{"signal everybody", kill_all},
	{"queue a signal", signal_queue},
	{"trace the parent", trace_parent},
	{"read the parent's memory", read_parent},
	{"take a descriptor for the parent", descriptor_of_parent},
	{"raise its priority", priority},
	{"start a session", session},
	{"choose a processor", affinity},
	{"lift a limit", limits_up},
	{"become root", become_root},
	{"make a user namespace", new_namespace},
	{"mount", mount_over},
	{"bpf", bpf},
	{"keyring", keyring},
	{"userfaultfd", fault_handler},
	{"io_uring", rings},
	{"perf", performance},
	{"shared memory", shared_memory},
	{"message queue", message_queue},
	{"set the clock", set_clock},
	{"load a module", load_module},
	{"type into the terminal", type_into_terminal},
	{"ask the terminal", terminal_size},
	{"be dumpable", dumpable},
	{"take the filter off", loosen_filter},
	{"code on the heap", code_on_heap},
	{"make data executable", code_made_of_data},
	{"10 GiB", all_memory},
	{"leave a core file", core_file},
	{"run for ever", endless},
};

static enum outcome caged(bool (*attempt)(void))
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		if (strcmp(sandbox_enter(SANDBOX_RENDER, NULL, NULL), "full") != 0)
			_exit(NO_CAGE);
		_exit(attempt() ? ESCAPED : HELD);
	}
	assert_true(waitpid(pid, &status, 0) == pid);
	if (WIFEXITED(status))
		return (enum outcome)WEXITSTATUS(status);
	return HELD; /* killed by the filter or a limit */
}

static bool nothing(void)
{
	return false;
}

static void no_attempt_succeeds(void **state)
{
	size_t escaped = 0;

	(void)state;
	if (caged(nothing) == NO_CAGE)
		skip();
	for (size_t i = 0; i < ARRAY_LEN(attempts); i++) {
		if (caged(attempts[i].run) != HELD) {
			print_error("got out: %s\n", attempts[i].what);
			escaped++;
		}
	}
	print_message(
		"%zu attempts, %zu held\n", ARRAY_LEN(attempts), ARRAY_LEN(attempts) - escaped);
	assert_int_equal(escaped, 0);
}

/* The cage must not keep the renderer from its work. */
static bool work_fails(void)
{
	iconv_t cd = iconv_open("UTF-8", "ISO-2022-JP");
	char *p = malloc(32 << 20);
	int fd = memfd_create("document", MFD_CLOEXEC);
	bool ok = cd != (iconv_t)-1 && p && fd >= 0 && write(fd, "x", 1) == 1 &&
		  ftruncate(fd, 4096) == 0;

	return !ok;
}

static void work_goes_on(void **state)
{
	(void)state;
	if (caged(nothing) == NO_CAGE)
		skip();
	assert_int_equal(caged(work_fails), HELD);
}

static int set_up(void **state)
{
	static char name[] = "/tmp/feist-test-escape-XXXXXX";
	FILE *f;

	(void)state;
	dir = mkdtemp(name);
	if (!dir || mkdir(at("empty"), 0700) != 0)
		return -1;
	f = fopen(at("secret"), "w");
	return f && fputs("secret", f) >= 0 && fclose(f) == 0 ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	static const char *const files[] = {"secret", "new", "other", "link", "fifo", "d", "empty"};

	for (size_t i = 0; i < ARRAY_LEN(files); i++)
		remove(at(files[i]));
	return rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_attempt_succeeds),
		cmocka_unit_test(work_goes_on),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
