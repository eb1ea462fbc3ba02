#include "base/sandbox.h"

#include <stdlib.h>
#include <string.h>

#if defined(__linux__) && defined(HAVE_LINUX_LANDLOCK_H) && defined(HAVE_LINUX_SECCOMP_H) &&                \
	(defined(__x86_64__) || defined(__aarch64__))

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <link.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifdef __x86_64__
#define OUR_ARCH AUDIT_ARCH_X86_64
#else
#define OUR_ARCH AUDIT_ARCH_AARCH64
#endif

#define RENDER_MEMORY ((rlim_t)512 << 20) /* address space */
#define RENDER_CPU_S 300 /* of one life; who asks for a document has a deadline of its own */

/* ---- Landlock: which files ---- */

/* Rights that a kernel of each ABI knows; older headers lack the names of the later ones. */
#define FS_ABI1 0x1fffull /* execute .. make_sym */
#define FS_REFER (1ull << 13)
#define FS_TRUNCATE (1ull << 14)
#define FS_READ_FILE (1ull << 2)
#define FS_READ_DIR (1ull << 3)
#define FS_EXECUTE (1ull << 0)
#define FS_WRITE_FILE (1ull << 1)
#define FS_FOR_FILES (FS_EXECUTE | FS_WRITE_FILE | FS_READ_FILE | FS_TRUNCATE)

static void allow(int rules, const char *path, uint64_t rights)
{
	struct landlock_path_beneath_attr a = {.allowed_access = rights};

	a.parent_fd = open(path, O_PATH | O_CLOEXEC);
	if (a.parent_fd < 0)
		return;
	/* A file takes only the rights that files have: try all, then those. */
	if (syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &a, 0) != 0) {
		a.allowed_access &= FS_FOR_FILES;
		syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &a, 0);
	}
	close(a.parent_fd);
}

static void allow_list(int rules, const char *const *paths, uint64_t rights)
{
	for (; paths && *paths; paths++)
		allow(rules, *paths, rights);
}

/* The folder of the C library, with its modules for character sets below. */
static int find_libc(struct dl_phdr_info *info, size_t size, void *data)
{
	const char *name = info->dlpi_name, *slash = name ? strrchr(name, '/') : NULL;
	char *path = data;

	(void)size;
	if (!slash || strncmp(slash + 1, "libc.", 5) != 0)
		return 0;
	snprintf(path, PATH_MAX, "%.*s/gconv", (int)(slash - name), name);
	return 1;
}

/* iconv opens a module at the first use of a character set. Asked of the linker: looking for it costs milliseconds. */
static void allow_converters(int rules)
{
	char path[PATH_MAX] = "";

	allow(rules, "/etc/ld.so.cache", FS_READ_FILE);
	if (dl_iterate_phdr(find_libc, path))
		allow(rules, path, FS_READ_FILE | FS_EXECUTE);
}

static bool landlock(enum sandbox_role role, const char *const *writable, const char *const *readable)
{
	static const char *const system_files[] = {"/usr", "/lib", "/lib64", "/etc", "/run", "/var/run", "/opt",
		"/proc/sys/kernel/random", "/dev/urandom", "/dev/null", NULL};
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);

	if (abi < 1)
		return false;
	uint64_t all = FS_ABI1 | (abi >= 2 ? FS_REFER : 0) | (abi >= 3 ? FS_TRUNCATE : 0);
	uint64_t attr[1] = {all}; /* the first field, which every ABI has */
	int rules = (int)syscall(SYS_landlock_create_ruleset, attr, sizeof(attr), 0);
	if (rules < 0)
		return false;
	if (role == SANDBOX_RENDER) {
		allow_converters(rules);
	} else {
		allow_list(rules, system_files, FS_READ_FILE | FS_READ_DIR | FS_EXECUTE);
		allow_list(rules, readable, FS_READ_FILE | FS_READ_DIR);
		allow_list(rules, writable, all & ~FS_EXECUTE);
	}
	bool ok = syscall(SYS_landlock_restrict_self, rules, 0) == 0;
	close(rules);
	return ok;
}

/* ---- seccomp: which calls ---- */

#define LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)offsetof(struct seccomp_data, field))
#define RETURN(what) BPF_STMT(BPF_RET | BPF_K, (what))
#define ON_CALL(nr, what) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (nr), 0, 1), RETURN(what)
#define DENY (SECCOMP_RET_ERRNO | EPERM)

/* What no role needs and an intruder wants first. */
static const int never[] = {
	SYS_execve, SYS_execveat, SYS_ptrace, SYS_process_vm_readv, SYS_process_vm_writev, SYS_mount, SYS_umount2,
	SYS_pivot_root, SYS_chroot, SYS_bpf, SYS_userfaultfd, SYS_perf_event_open, SYS_keyctl, SYS_add_key,
	SYS_request_key, SYS_unshare, SYS_setns, SYS_kexec_load, SYS_init_module, SYS_finit_module,
	SYS_delete_module, SYS_io_uring_setup, SYS_open_by_handle_at, SYS_swapon, SYS_reboot, SYS_setuid,
	SYS_setgid, SYS_setreuid, SYS_setresuid, SYS_personality,
};

/* All that drawing a message takes; anything else answers EPERM. */
static const int render_calls[] = {
	SYS_read, SYS_write, SYS_readv, SYS_writev, SYS_pread64, SYS_pwrite64, SYS_lseek, SYS_close, SYS_fstat,
	SYS_munmap, SYS_mremap, SYS_madvise, SYS_brk, SYS_futex, SYS_clock_gettime,
	SYS_gettimeofday, SYS_getrandom, SYS_exit, SYS_exit_group, SYS_rt_sigreturn, SYS_rt_sigaction,
	SYS_rt_sigprocmask, SYS_sendmsg, SYS_recvmsg, SYS_sendto, SYS_recvfrom, SYS_ppoll, SYS_memfd_create,
	SYS_ftruncate, SYS_fcntl, SYS_dup, SYS_getpid, SYS_gettid, SYS_tgkill, SYS_sigaltstack, SYS_sched_yield,
	SYS_restart_syscall, SYS_newfstatat, SYS_prlimit64,
#ifdef SYS_poll
	SYS_poll,
#endif
#ifdef SYS_dup2
	SYS_dup2,
#endif
#ifdef SYS_rseq
	SYS_rseq,
#endif
};

#define FILTER_MAX 256

struct filter {
	struct sock_filter code[FILTER_MAX];
	unsigned short n;
};

static void emit(struct filter *f, const struct sock_filter *code, size_t n)
{
	if (f->n + n > FILTER_MAX)
		return; /* cannot happen: the lists above are far shorter */
	memcpy(f->code + f->n, code, n * sizeof(*code));
	f->n = (unsigned short)(f->n + n);
}

#define EMIT(f, ...)                                                                                      \
	do {                                                                                               \
		const struct sock_filter code_[] = {__VA_ARGS__};                                          \
		emit(f, code_, ARRAY_LEN(code_));                                                          \
	} while (0)

static void filter_start(struct filter *f)
{
	EMIT(f, LOAD(arch), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, OUR_ARCH, 1, 0), RETURN(SECCOMP_RET_KILL_PROCESS),
		LOAD(nr));
#ifdef __x86_64__
	/* The x32 numbers of the same kernel. */
	EMIT(f, BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 0x40000000u, 0, 1), RETURN(SECCOMP_RET_KILL_PROCESS));
#endif
	for (size_t i = 0; i < ARRAY_LEN(never); i++)
		EMIT(f, ON_CALL((uint32_t)never[i], SECCOMP_RET_KILL_PROCESS));
}

/*
 * A call is allowed unless the low half of its argument has a bit of `bits`. Each jump counts the
 * instructions to the end of the block.
 */
#define ALLOW_WITHOUT(nr, argument, bits)                                                                  \
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (nr), 0, 4), LOAD(args[argument]),                              \
		BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, (bits), 1, 0), RETURN(SECCOMP_RET_ALLOW), RETURN(DENY)

/*
 * Memory is data: nothing that was written becomes code. What is mapped from a file may be code, since
 * that is how iconv gets its converters.
 */
static void filter_memory(struct filter *f, bool may_open)
{
	EMIT(f, ALLOW_WITHOUT(SYS_mprotect, 2, PROT_EXEC));
	if (may_open)
		EMIT(f, BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_mmap, 0, 6), LOAD(args[3]),
			BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, MAP_ANONYMOUS, 0, 2), LOAD(args[2]),
			BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, PROT_EXEC, 1, 0), RETURN(SECCOMP_RET_ALLOW),
			RETURN(DENY));
	else
		EMIT(f, ALLOW_WITHOUT(SYS_mmap, 2, PROT_EXEC));
}

static void filter_render(struct filter *f, bool may_open)
{
	filter_memory(f, may_open);
	for (size_t i = 0; i < ARRAY_LEN(render_calls); i++)
		EMIT(f, ON_CALL((uint32_t)render_calls[i], SECCOMP_RET_ALLOW));
	if (may_open) /* Landlock says which files; here: reading only */
		EMIT(f, BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_openat, 0, 4), LOAD(args[2]),
			BPF_STMT(BPF_ALU | BPF_AND | BPF_K, O_ACCMODE | O_CREAT | O_TRUNC),
			BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, O_RDONLY, 0, 1), RETURN(SECCOMP_RET_ALLOW));
	EMIT(f, RETURN(DENY));
}

static void filter_local(struct filter *f)
{
	EMIT(f, BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_socket, 0, 4), LOAD(args[0]),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AF_UNIX, 0, 1), RETURN(SECCOMP_RET_ALLOW), RETURN(DENY));
	EMIT(f, RETURN(SECCOMP_RET_ALLOW));
}

static bool seccomp(enum sandbox_role role, bool landlocked)
{
	struct filter f = {.n = 0};

	filter_start(&f);
	if (role == SANDBOX_RENDER)
		filter_render(&f, landlocked);
	else if (role == SANDBOX_LOCAL)
		filter_local(&f);
	else
		EMIT(&f, RETURN(SECCOMP_RET_ALLOW));
	struct sock_fprog prog = {.len = f.n, .filter = f.code};
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog) == 0;
}

static void limit(int what, rlim_t value)
{
	struct rlimit r = {value, value};

	setrlimit((__rlimit_resource_t)what, &r);
}

const char *sandbox_enter(enum sandbox_role role, const char *const *writable, const char *const *readable)
{
	const char *off = getenv("FEIST_SANDBOX");

	if (off && strcmp(off, "off") == 0)
		return "none";
	limit(RLIMIT_CORE, 0); /* a core file would hold mail and passwords */
#ifdef SANITIZERS
	/* Their runtime opens files, forks and needs terabytes of address space. */
	(void)landlock;
	(void)seccomp;
	(void)role;
	(void)writable;
	(void)readable;
	return "none";
#else
	if (role == SANDBOX_RENDER) {
		limit(RLIMIT_AS, RENDER_MEMORY);
		limit(RLIMIT_CPU, RENDER_CPU_S);
	}
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return "none";
	bool files = role != SANDBOX_LOCAL && landlock(role, writable, readable);
	bool calls = seccomp(role, files);
	return (files || role == SANDBOX_LOCAL) && calls ? "full" : files || calls ? "partial" : "none";
#endif
}

#else

const char *sandbox_enter(enum sandbox_role role, const char *const *writable, const char *const *readable)
{
	(void)role;
	(void)writable;
	(void)readable;
	return "none";
}

#endif
