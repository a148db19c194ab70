using Chat.Balancer;
using Chat.Balancer.Listening;
using Microsoft.Extensions.Options;

// Read by the runtime when the first socket is used: what waits for a socket runs on the thread that learns of it.
Environment.SetEnvironmentVariable("DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS", "1");

try
{
    var host = BalancerApp.Build(args);
    host.Services.GetRequiredService<BalancerServer>().Bind();
    await host.RunAsync();
    return 0;
}
catch (Exception exception) when (exception is CannotListenException or OptionsValidationException or FormatException)
{
    await Console.Error.WriteLineAsync(exception.Message);
    return 1;
}
