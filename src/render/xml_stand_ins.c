/*
 * What the objects of a static libxml2 refer to and an HTML parser fed with UTF-8 never calls: converters
 * of ICU, compressed files, and libxml2's own clients for HTTP and FTP. All refuse. With them the
 * renderer is linked without ICU and the C++ library, which took a third of its start, and without a line
 * of code that knows sockets (doc/adr/0015-static-libxml2.md).
 *
 * Only the addresses matter: the real types would need the headers of libraries that are not there, and
 * NULL, 0 and "did not work" are the same in all of them.
 */
#define REFUSE(name)      \
	void *name(void); \
	void *name(void)  \
	{                 \
		return 0; \
	}
#define WITH_SUFFIX_(name, suffix) name##suffix
#define WITH_SUFFIX(name, suffix) WITH_SUFFIX_(name, suffix)
#define REFUSE_ICU(name) REFUSE(WITH_SUFFIX(name, ICU_SUFFIX)) /* ICU has its version in every name */

REFUSE_ICU(ucnv_open)
REFUSE_ICU(ucnv_close)
REFUSE_ICU(ucnv_convertEx)
REFUSE_ICU(ucnv_setFromUCallBack)
REFUSE_ICU(ucnv_setToUCallBack)
REFUSE_ICU(UCNV_FROM_U_CALLBACK_STOP)
REFUSE_ICU(UCNV_TO_U_CALLBACK_STOP)

REFUSE(__libxml2_xzopen)
REFUSE(__libxml2_xzdopen)
REFUSE(__libxml2_xzread)
REFUSE(__libxml2_xzclose)
REFUSE(__libxml2_xzcompressed)

REFUSE(gzopen)
REFUSE(gzopen64)
REFUSE(gzdopen)
REFUSE(gzdirect)
REFUSE(gzread)
REFUSE(gzwrite)
REFUSE(gzclose)
REFUSE(crc32)
REFUSE(deflateInit2_)
REFUSE(deflate)
REFUSE(deflateEnd)

REFUSE(xmlRelaxNGCleanupTypes) /* and with these two XPath and the mathematics library */
REFUSE(xmlSchemaCleanupTypes)
REFUSE(xmlXPathInit)

REFUSE(xmlNanoFTPOpen)
REFUSE(xmlNanoFTPRead)
REFUSE(xmlNanoFTPClose)
REFUSE(xmlNanoHTTPOpen)
REFUSE(xmlNanoHTTPMethod)
REFUSE(xmlNanoHTTPRead)
REFUSE(xmlNanoHTTPClose)
REFUSE(xmlNanoHTTPEncoding)
REFUSE(xmlNanoHTTPMimeType)
REFUSE(xmlNanoHTTPRedir)
REFUSE(xmlNanoHTTPReturnCode)
