using System.IO.Pipelines;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using StackExchange.Redis;

namespace Chat.Node.Backplane.Subscriptions;

/// <summary>One connection to a Redis server, for subscribing only.</summary>
internal sealed class SubscriptionSocket : IDisposable
{
    private readonly Socket _socket;
    private readonly Stream _stream;

    private SubscriptionSocket(Socket socket, Stream stream)
    {
        (_socket, _stream) = (socket, stream);
        Input = PipeReader.Create(stream);
        Output = PipeWriter.Create(stream);
    }

    public PipeReader Input { get; }

    public PipeWriter Output { get; }

    /// <exception cref="IOException">Not reached, or not let in.</exception>
    public static async Task<SubscriptionSocket> ConnectAsync(
        EndPoint endpoint, ConfigurationOptions options, string name, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(endpoint, cancellationToken);
            Stream stream = new NetworkStream(socket, ownsSocket: true);
            if (options.Ssl)
            {
                var tls = new SslStream(stream);
                var host = options.SslHost ?? (endpoint as DnsEndPoint)?.Host ?? ((IPEndPoint)endpoint).Address.ToString();
                await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = host }, cancellationToken);
                stream = tls;
            }

            var connected = new SubscriptionSocket(socket, stream);
            connected.Introduce(options, name);
            await connected.Output.FlushAsync(cancellationToken);
            return connected;
        }
        catch (Exception exception) when (exception is SocketException or System.Security.Authentication.AuthenticationException)
        {
            socket.Dispose();
            throw new IOException(exception.Message, exception);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        _stream.Dispose();
        _socket.Dispose();
    }

    private void Introduce(ConfigurationOptions options, string name)
    {
        if (!string.IsNullOrEmpty(options.Password))
        {
            RespWriter.Write(Output, "AUTH", options.User is { Length: > 0 } user ? [user, options.Password] : [options.Password]);
        }

        RespWriter.Write(Output, "CLIENT", "SETNAME", name);
    }
}
