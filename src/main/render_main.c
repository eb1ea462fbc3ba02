/* The entry of one program; see doc/ARCHITECTURE.md. */
int main(void);

int main(void)
{
	return 0;
}
