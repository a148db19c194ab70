using System.Buffers;
using System.IO.Compression;

namespace Aspire.Local.Dashboard.Telemetry.Otlp;

/// <summary>A whole request in memory from a pool. Dispose it when it is decoded.</summary>
internal sealed class OtlpRequestBody : IDisposable
{
    private const int FirstBuffer = 64 * 1024;
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(FirstBuffer);
    private int _length;

    private OtlpRequestBody()
    {
    }

    public ReadOnlySpan<byte> Bytes => _buffer.AsSpan(0, _length);

    /// <param name="bytesMax">Counted after decompression: a small bomb is a large request.</param>
    /// <returns>Null when it is larger than allowed.</returns>
    /// <exception cref="InvalidDataException">It says gzip and is not.</exception>
    public static async Task<OtlpRequestBody?> ReadAsync(Stream stream, bool isGzip, int bytesMax, CancellationToken cancellationToken)
    {
        await using var unzipped = isGzip ? new GZipStream(stream, CompressionMode.Decompress, leaveOpen: true) : null;
        var source = unzipped ?? stream;
        var body = new OtlpRequestBody();
        try
        {
            while (body._length <= bytesMax)
            {
                var read = await source.ReadAsync(body.Free(), cancellationToken);
                if (read == 0)
                {
                    return body;
                }

                body._length += read;
            }
        }
        catch
        {
            body.Dispose();
            throw;
        }

        body.Dispose();
        return null;
    }

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_buffer);
        (_buffer, _length) = ([], 0);
    }

    private Memory<byte> Free()
    {
        if (_length == _buffer.Length)
        {
            var larger = ArrayPool<byte>.Shared.Rent(_buffer.Length * 2);
            _buffer.AsSpan(0, _length).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = larger;
        }

        return _buffer.AsMemory(_length);
    }
}
