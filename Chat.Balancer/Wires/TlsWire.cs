using System.Net.Security;
using System.Security.Authentication;
using Chat.Wires;

namespace Chat.Balancer.Wires;

/// <summary>A wire whose bytes are encrypted on the way. Made by <see cref="HandshakeAsync"/>.</summary>
internal sealed class TlsWire : Wire
{
    private readonly Wire _inner;
    private readonly SslStream _stream;

    private TlsWire(Wire inner, SslStream stream) => (_inner, _stream) = (inner, stream);

    public override bool Encrypted => true;

    public override WireLoop Loop => _inner.Loop;

    public override bool IsQuiet => _inner.IsQuiet;

    /// <summary>Plays the server's part.</summary>
    /// <param name="inner">Owned by the new wire; the caller bounds the handshake by aborting it.</param>
    /// <returns>Null when the peer does not speak TLS, or not one we accept; <paramref name="inner"/> is closed then.</returns>
    public static async Task<TlsWire?> HandshakeAsync(Wire inner, SslStreamCertificateContext certificate)
    {
        var stream = new SslStream(new WireStream(inner));
        try
        {
            await stream.AuthenticateAsServerAsync(
                new SslServerAuthenticationOptions
                {
                    ServerCertificateContext = certificate,
                    ApplicationProtocols = [SslApplicationProtocol.Http11],
                    AllowRenegotiation = false,
                },
                CancellationToken.None);
            return new TlsWire(inner, stream);
        }
        catch (Exception exception) when (exception is AuthenticationException or IOException or ObjectDisposedException)
        {
            await stream.DisposeAsync();
            inner.Dispose();
            return null;
        }
    }

    public override async ValueTask ReadableAsync()
    {
        try
        {
            _ = await _stream.ReadAsync(Memory<byte>.Empty, CancellationToken.None);
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException or InvalidOperationException)
        {
            // The receive that follows says so.
        }
    }

    public override async ValueTask<int> ReceiveAsync(Memory<byte> buffer)
    {
        try
        {
            return await _stream.ReadAsync(buffer, CancellationToken.None);
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException or InvalidOperationException)
        {
            return Broken;
        }
    }

    public override async ValueTask<bool> SendAsync(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            await _stream.WriteAsync(bytes, CancellationToken.None);
            return true;
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException or InvalidOperationException)
        {
            return false;
        }
    }

    public override async ValueTask EndSendingAsync()
    {
        try
        {
            await _stream.ShutdownAsync();
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException or InvalidOperationException)
        {
            // The peer was faster.
        }

        await _inner.EndSendingAsync();
    }

    public override ValueTask NextRequestAsync() => _inner.NextRequestAsync();

    public override void StopReceiving() => _inner.StopReceiving();

    public override void ReceiveAgain() => _inner.ReceiveAgain();

    public override Deadline DeadlineFor(bool aborts = false) => _inner.DeadlineFor(aborts);

    public override void Abort()
    {
        _inner.Abort();
        _stream.Dispose();
    }

    public override void Dispose()
    {
        _inner.Dispose();
        _stream.Dispose();
    }
}
