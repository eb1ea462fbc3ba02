/*
 * A small SMTP submission server for contrib/try and for tests of bad luck: EHLO, STARTTLS or TLS at once,
 * AUTH PLAIN and LOGIN, PIPELINING, SIZE, 8BITMIME, SMTPUTF8, DSN; hands mail for the local users to the LMTP
 * socket of Dovecot and forgets what goes elsewhere. RFC 5321, 3207, 4954, 2033.
 *
 * The file named by --fault says what goes wrong next, one word; it is read each time:
 *   rcpt-temp, data-temp, data-perm   answers 450, 451, 552
 *   cut-before-dot, cut-after-dot     closes the connection before or after the message is taken
 *   drop-after-dot                    closes it without having taken the message
 *   slow-dot                          takes the message, answers after five seconds
 *
 * Not for the real world: one process a connection, no limits but on the size of a line and of a message.
 */
#include <errno.h>
#include <getopt.h>
#include <netinet/in.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LINE_MAX_BYTES = 4096, MESSAGE_MAX = 10240000, RCPT_MAX = 100 };

static const char *users_file, *lmtp_path, *fault_file;
static SSL_CTX *tls_ctx;

struct client {
	int fd;
	SSL *ssl;
	char in[16384];
	size_t in_len, in_pos;
	bool authenticated;
	char from[LINE_MAX_BYTES];
	char *rcpt[RCPT_MAX];
	int rcpts;
};

/* ---- bytes ---- */

static int get_byte(struct client *c)
{
	if (c->in_pos == c->in_len) {
		ssize_t n = c->ssl ? SSL_read(c->ssl, c->in, sizeof(c->in)) : read(c->fd, c->in, sizeof(c->in));

		if (n <= 0)
			exit(0);
		c->in_len = (size_t)n;
		c->in_pos = 0;
	}
	return (unsigned char)c->in[c->in_pos++];
}

/* A line without its end. Longer ones are cut. */
static size_t get_line(struct client *c, char *buf, size_t size)
{
	size_t n = 0;
	int ch;

	while ((ch = get_byte(c)) != '\n')
		if (n + 1 < size)
			buf[n++] = (char)ch;
	while (n > 0 && buf[n - 1] == '\r')
		n--;
	buf[n] = '\0';
	return n;
}

static void say(struct client *c, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void say(struct client *c, const char *format, ...)
{
	char buf[LINE_MAX_BYTES];
	va_list ap;
	int n;

	va_start(ap, format);
	n = vsnprintf(buf, sizeof(buf) - 2, format, ap);
	va_end(ap);
	if (n < 0)
		exit(1);
	fprintf(stderr, "%d S: %s\n", (int)getpid(), buf);
	memcpy(buf + n, "\r\n", 2);
	if ((c->ssl ? SSL_write(c->ssl, buf, n + 2) : (int)write(c->fd, buf, (size_t)n + 2)) <= 0)
		exit(0);
}

/* Is this the fault that shall happen now? */
static bool fault(const char *word)
{
	char line[64] = "";
	FILE *f = fault_file ? fopen(fault_file, "r") : NULL;

	if (!f)
		return false;
	if (!fgets(line, sizeof(line), f))
		line[0] = '\0';
	fclose(f);
	line[strcspn(line, "\r\n")] = '\0';
	return strcmp(line, word) == 0;
}

/* ---- users ---- */

/* The passwd file: "name@domain:{PLAIN}password:..." */
static bool known(const char *user, const char *password)
{
	char line[512];
	bool found = false;
	FILE *f = fopen(users_file, "r");

	while (f && !found && fgets(line, sizeof(line), f)) {
		char *colon = strchr(line, ':'), *end, *at = strchr(line, '@');
		size_t n;

		if (!colon || !at)
			continue;
		n = strlen(user);
		if (strncasecmp(line, user, n) != 0 || (line + n != colon && line + n != at))
			continue;
		colon += strlen(":{PLAIN}");
		if ((end = strchr(colon, ':')))
			*end = '\0';
		found = !password || strcmp(colon, password) == 0;
	}
	if (f)
		fclose(f);
	return found;
}

static int decode(const char *in, char *out, size_t size)
{
	size_t n = strlen(in);
	int len;

	if (n % 4 != 0 || n / 4 * 3 + 1 > size || n > 1024)
		return -1;
	len = EVP_DecodeBlock((unsigned char *)out, (const unsigned char *)in, (int)n);
	while (n > 0 && in[n - 1] == '=' && len > 0) {
		n--;
		len--;
	}
	if (len >= 0)
		out[len] = '\0';
	return len;
}

static void auth(struct client *c, const char *args)
{
	char line[LINE_MAX_BYTES], user[1024], password[1024], buf[1024];
	int n;

	if (strncasecmp(args, "PLAIN", 5) == 0) {
		if (args[5] == ' ') {
			snprintf(line, sizeof(line), "%s", args + 6);
		} else {
			say(c, "334 ");
			get_line(c, line, sizeof(line));
		}
		n = decode(line, buf, sizeof(buf));
		if (n < 2 || strlen(buf) + 2 > (size_t)n) {
			say(c, "501 5.5.2 not understood");
			return;
		}
		snprintf(user, sizeof(user), "%s", buf + strlen(buf) + 1);
		size_t at = strlen(buf) + 1 + strlen(user) + 1;
		snprintf(password, sizeof(password), "%s", at < (size_t)n ? buf + at : "");
	} else if (strncasecmp(args, "LOGIN", 5) == 0) {
		say(c, "334 VXNlcm5hbWU6");
		get_line(c, line, sizeof(line));
		if (decode(line, user, sizeof(user)) < 0)
			user[0] = '\0';
		say(c, "334 UGFzc3dvcmQ6");
		get_line(c, line, sizeof(line));
		if (decode(line, password, sizeof(password)) < 0)
			password[0] = '\0';
	} else {
		say(c, "504 5.5.4 mechanism not known");
		return;
	}
	c->authenticated = known(user, password);
	say(c, c->authenticated ? "235 2.7.0 welcome" : "535 5.7.8 authentication failed");
}

/* ---- the message ---- */

static void forget(struct client *c)
{
	while (c->rcpts > 0)
		free(c->rcpt[--c->rcpts]);
	c->from[0] = '\0';
}

/* The address between < and >. */
static bool path_of(const char *args, char *out, size_t size)
{
	const char *open_p = strchr(args, '<'), *close_p = open_p ? strchr(open_p, '>') : NULL;

	if (!close_p || (size_t)(close_p - open_p) > size)
		return false;
	snprintf(out, size, "%.*s", (int)(close_p - open_p - 1), open_p + 1);
	return true;
}

static void rcpt(struct client *c, const char *args)
{
	char addr[512];
	const char *at;

	if (!path_of(args, addr, sizeof(addr)) || c->rcpts == RCPT_MAX) {
		say(c, "501 5.1.3 bad recipient");
		return;
	}
	at = strrchr(addr, '@');
	if (fault("rcpt-temp"))
		say(c, "450 4.2.1 <%s>: mailbox busy, try again", addr);
	else if (!at)
		say(c, "550 5.1.1 <%s>: no such user", addr);
	else if (strcasecmp(at, "@feist.test") == 0 && !known(addr, NULL))
		say(c, "550 5.1.1 <%s>: no such user here", addr);
	else {
		c->rcpt[c->rcpts++] = strdup(addr);
		say(c, "250 2.1.5 ok");
	}
}

static int lmtp_reply(FILE *f)
{
	char line[LINE_MAX_BYTES];

	do {
		if (!fgets(line, sizeof(line), f))
			return 0;
	} while (strlen(line) > 3 && line[3] == '-');
	return (int)strtol(line, NULL, 10);
}

/* Gives the message (with dots still doubled, CRLF lines) to Dovecot for all local recipients. */
static bool deliver(struct client *c, const char *message, size_t len)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0), taken = 0;
	FILE *in, *out;
	bool ok = true;

	snprintf(a.sun_path, sizeof(a.sun_path), "%s", lmtp_path);
	if (fd < 0 || connect(fd, (struct sockaddr *)&a, sizeof(a)) != 0) {
		fprintf(stderr, "lmtp %s: %s\n", lmtp_path, strerror(errno));
		return false;
	}
	in = fdopen(fd, "r");
	out = fdopen(dup(fd), "w");
	if (!in || !out)
		return false;
	lmtp_reply(in);
	fprintf(out, "LHLO mini\r\n");
	fflush(out);
	lmtp_reply(in);
	fprintf(out, "MAIL FROM:<%s>\r\n", c->from);
	fflush(out);
	lmtp_reply(in);
	for (int i = 0; i < c->rcpts; i++) {
		const char *at = strrchr(c->rcpt[i], '@');

		if (!at || strcasecmp(at, "@feist.test") != 0)
			continue;
		fprintf(out, "RCPT TO:<%s>\r\n", c->rcpt[i]);
		fflush(out);
		if (lmtp_reply(in) / 100 == 2)
			taken++;
	}
	if (taken > 0) {
		fprintf(out, "DATA\r\n");
		fflush(out);
		lmtp_reply(in);
		fwrite(message, 1, len, out);
		fprintf(out, ".\r\n");
		fflush(out);
		while (taken-- > 0)
			ok = lmtp_reply(in) / 100 == 2 && ok;
	}
	fprintf(out, "QUIT\r\n");
	fclose(out);
	fclose(in);
	return ok;
}

static void data(struct client *c)
{
	char line[LINE_MAX_BYTES];
	char *message = malloc(MESSAGE_MAX + LINE_MAX_BYTES);
	size_t len = 0;
	bool fits = true;

	if (!message)
		exit(1);
	say(c, "354 go ahead");
	for (;;) {
		size_t n = get_line(c, line, sizeof(line));

		if (strcmp(line, ".") == 0)
			break;
		fits = fits && len + n + 2 <= MESSAGE_MAX;
		if (!fits)
			continue;
		memcpy(message + len, line, n);
		memcpy(message + len + n, "\r\n", 2);
		len += n + 2;
		if (fault("cut-before-dot"))
			exit(0);
	}
	if (fault("drop-after-dot"))
		exit(0);
	if (!fits)
		say(c, "552 5.3.4 message too big");
	else if (fault("data-temp"))
		say(c, "451 4.3.0 try again later");
	else if (fault("data-perm"))
		say(c, "552 5.2.2 mailbox full");
	else if (!deliver(c, message, len))
		say(c, "451 4.3.0 the mailbox cannot be reached");
	else if (fault("cut-after-dot"))
		exit(0);
	else {
		if (fault("slow-dot"))
			poll(NULL, 0, 5000);
		say(c, "250 2.0.0 taken, %zu bytes", len);
	}
	free(message);
	forget(c);
}

/* ---- the conversation ---- */

static void start_tls(struct client *c)
{
	c->ssl = SSL_new(tls_ctx);
	SSL_set_fd(c->ssl, c->fd);
	if (SSL_accept(c->ssl) != 1)
		exit(0);
	c->in_len = c->in_pos = 0;
	c->authenticated = false;
	forget(c);
}

static bool word(const char *line, const char *want)
{
	return strncasecmp(line, want, strlen(want)) == 0;
}

static void command(struct client *c, const char *line)
{
	if (word(line, "EHLO")) {
		say(c, "250-mini.feist.test");
		say(c, "250-PIPELINING");
		say(c, "250-SIZE %d", MESSAGE_MAX);
		if (!c->ssl)
			say(c, "250-STARTTLS");
		else
			say(c, "250-AUTH PLAIN LOGIN");
		say(c, "250-DSN");
		say(c, "250-8BITMIME");
		say(c, "250-ENHANCEDSTATUSCODES");
		say(c, "250 SMTPUTF8");
	} else if (word(line, "HELO")) {
		say(c, "250 mini.feist.test");
	} else if (word(line, "STARTTLS") && !c->ssl) {
		say(c, "220 2.0.0 go ahead");
		start_tls(c);
	} else if (word(line, "AUTH ")) {
		if (c->ssl)
			auth(c, line + 5);
		else
			say(c, "530 5.7.0 STARTTLS first");
	} else if (word(line, "MAIL FROM:")) {
		if (!c->authenticated)
			say(c, "530 5.7.0 sign in first");
		else if (!path_of(line, c->from, sizeof(c->from)))
			say(c, "501 5.1.7 bad sender");
		else
			say(c, "250 2.1.0 ok");
	} else if (word(line, "RCPT TO:")) {
		if (!c->authenticated)
			say(c, "530 5.7.0 sign in first");
		else
			rcpt(c, line);
	} else if (word(line, "DATA")) {
		if (c->rcpts > 0)
			data(c);
		else
			say(c, "554 5.5.1 no valid recipients");
	} else if (word(line, "RSET")) {
		forget(c);
		say(c, "250 2.0.0 ok");
	} else if (word(line, "NOOP")) {
		say(c, "250 2.0.0 ok");
	} else if (word(line, "QUIT")) {
		say(c, "221 2.0.0 bye");
		exit(0);
	} else {
		say(c, "500 5.5.2 not understood");
	}
}

static void serve(int fd, bool tls)
{
	struct client c = {.fd = fd};
	char line[LINE_MAX_BYTES];

	if (tls)
		start_tls(&c);
	say(&c, "220 mini.feist.test ESMTP");
	for (;;) {
		get_line(&c, line, sizeof(line));
		fprintf(stderr, "%d C: %.200s\n", (int)getpid(), word(line, "AUTH ") ? "AUTH ***" : line);
		command(&c, line);
	}
}

static int listen_on(int port)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
	int fd = socket(AF_INET, SOCK_STREAM, 0), one = 1;

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (fd < 0 || bind(fd, (struct sockaddr *)&a, sizeof(a)) != 0 || listen(fd, 20) != 0) {
		fprintf(stderr, "mini-smtpd: port %d: %s\n", port, strerror(errno));
		exit(1);
	}
	return fd;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{"port", 1, NULL, 'p'}, {"tls-port", 1, NULL, 't'}, {"cert", 1, NULL, 'c'}, {"key", 1, NULL, 'k'},
		{"users", 1, NULL, 'u'}, {"lmtp", 1, NULL, 'l'}, {"fault", 1, NULL, 'f'}, {NULL, 0, NULL, 0}};
	const char *cert = "", *key = "";
	int port = 0, tls_port = 0, opt;
	struct pollfd listening[2];

	while ((opt = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (opt) {
		case 'p': port = (int)strtol(optarg, NULL, 10); break;
		case 't': tls_port = (int)strtol(optarg, NULL, 10); break;
		case 'c': cert = optarg; break;
		case 'k': key = optarg; break;
		case 'u': users_file = optarg; break;
		case 'l': lmtp_path = optarg; break;
		case 'f': fault_file = optarg; break;
		default: return 64;
		}
	}
	if (!port || !tls_port || !users_file || !lmtp_path) {
		fprintf(stderr, "usage: mini-smtpd --port N --tls-port N --cert F --key F --users F --lmtp SOCKET [--fault F]\n");
		return 64;
	}
	signal(SIGCHLD, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	tls_ctx = SSL_CTX_new(TLS_server_method());
	if (!tls_ctx || SSL_CTX_use_certificate_chain_file(tls_ctx, cert) != 1 ||
	    SSL_CTX_use_PrivateKey_file(tls_ctx, key, SSL_FILETYPE_PEM) != 1) {
		fprintf(stderr, "mini-smtpd: certificate %s\n", cert);
		return 1;
	}
	listening[0] = (struct pollfd){.fd = listen_on(port), .events = POLLIN};
	listening[1] = (struct pollfd){.fd = listen_on(tls_port), .events = POLLIN};
	for (;;) {
		if (poll(listening, 2, -1) < 0 && errno != EINTR)
			return 1;
		for (int i = 0; i < 2; i++) {
			int fd;

			if (!(listening[i].revents & POLLIN) || (fd = accept(listening[i].fd, NULL, NULL)) < 0)
				continue;
			if (fork() == 0) {
				close(listening[0].fd);
				close(listening[1].fd);
				serve(fd, i == 1);
			}
			close(fd);
		}
	}
}
