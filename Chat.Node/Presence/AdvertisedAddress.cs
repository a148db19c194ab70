using System.Net.NetworkInformation;
using System.Net.Sockets;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Options;

namespace Chat.Node.Presence;

/// <summary>The address at which this very node is reached: the one it really listens on, or the one it was told to give.</summary>
internal sealed class AdvertisedAddress(IServer server, IHostApplicationLifetime lifetime, IOptions<NodeOptions> options)
{
    private readonly TaskCompletionSource _known = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Valid once <see cref="WaitAsync"/> has ended.</summary>
    public string Url { get; private set; } = "";

    public async Task WaitAsync(CancellationToken cancellationToken)
    {
        using var registration = lifetime.ApplicationStarted.Register(() => _known.TrySetResult());
        await _known.Task.WaitAsync(cancellationToken);
        Url = options.Value.AdvertisedUrl ?? Reachable(server.Features.Get<IServerAddressesFeature>()!.Addresses.First());
    }

    private static string Reachable(string listening)
    {
        var url = BindingAddress.Parse(listening);
        var host = url.Host switch
        {
            "localhost" => "127.0.0.1",
            "*" or "+" or "0.0.0.0" or "[::]" => OwnAddress(),
            _ => url.Host,
        };
        return $"{url.Scheme}://{host}:{url.Port}";
    }

    /// <summary>An address of this machine that others can reach; its own loopback when it has no other.</summary>
    private static string OwnAddress() => NetworkInterface.GetAllNetworkInterfaces()
        .Where(network => network.OperationalStatus == OperationalStatus.Up && network.NetworkInterfaceType != NetworkInterfaceType.Loopback)
        .SelectMany(network => network.GetIPProperties().UnicastAddresses)
        .Select(unicast => unicast.Address)
        .FirstOrDefault(address => address.AddressFamily == AddressFamily.InterNetwork)?.ToString() ?? "127.0.0.1";
}
