#include "net/unpack.h"

#include "os/log.h"

enum { GZIP_WINDOW = 15 + 16, PIECE = 1 << 16 };

void unpack_begin(struct unpack *u, bool packed)
{
	u->packed = packed;
	u->ended = false;
	u->why = "";
	if (!packed)
		return;
	if ((u->ready ? inflateReset(&u->stream) : inflateInit2(&u->stream, GZIP_WINDOW)) != Z_OK)
		die(EX_SOFTWARE, "cannot set up zlib");
	u->ready = true;
}

/* One call of inflate() into out; the bytes that came out of it count against max. */
static enum unpack_result inflate_piece(struct unpack *u, size_t max, struct buf *out)
{
	z_stream *z = &u->stream;
	int result;

	z->next_out = (unsigned char *)buf_reserve(out, PIECE);
	z->avail_out = PIECE;
	result = inflate(z, Z_NO_FLUSH);
	out->len += PIECE - z->avail_out;
	if (out->len > max)
		return UNPACK_TOO_LARGE;
	if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR) {
		u->why = z->msg ? z->msg : "not gzip";
		return UNPACK_BROKEN;
	}
	u->ended = result == Z_STREAM_END;
	return UNPACK_OK;
}

enum unpack_result unpack_add(struct unpack *u, const char *data, size_t len, size_t max, struct buf *out)
{
	z_stream *z = &u->stream;
	enum unpack_result result = UNPACK_OK;

	if (!u->packed) {
		if (len > max - out->len)
			return UNPACK_TOO_LARGE;
		buf_add(out, data, len);
		return UNPACK_OK;
	}
	z->next_in = (unsigned char *)data;
	z->avail_in = (unsigned)len;
	do {
		/* Another member begins where the last one ended; noughts in its place are padding. */
		for (; u->ended && z->avail_in > 0 && *z->next_in == 0; z->next_in++)
			z->avail_in--;
		if (u->ended && z->avail_in == 0)
			break;
		if (u->ended) {
			inflateReset(z);
			u->ended = false;
		}
		result = inflate_piece(u, max, out);
	} while (result == UNPACK_OK && (z->avail_in > 0 || z->avail_out == 0));
	buf_add(out, "", 0);
	return result;
}

bool unpack_is_whole(const struct unpack *u)
{
	return !u->packed || u->ended;
}

void unpack_release(struct unpack *u)
{
	if (u->ready)
		inflateEnd(&u->stream);
	*u = (struct unpack){ .ready = false };
}
