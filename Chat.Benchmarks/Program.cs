using Chat.Benchmarks;
using Chat.Benchmarks.FanOut;
using Chat.Benchmarks.Servers;

// A child of a benchmark: a server to compare with.
if (args is [FloorServer.Switch, var floorPort])
{
    FloorServer.Run(int.Parse(floorPort, System.Globalization.CultureInfo.InvariantCulture));
    return 0;
}

if (args is [SignalRServer.Switch, ..])
{
    await SignalRServer.RunAsync(args[1..]);
    return 0;
}

if (args is [YarpServer.Switch, ..])
{
    await YarpServer.RunAsync(args[1..]);
    return 0;
}

if (args is [WireFanOutServer.Switch, var engine, var wiresPort])
{
    await WireFanOutServer.RunAsync(Enum.Parse<Chat.Wires.WireEngine>(engine), int.Parse(wiresPort, System.Globalization.CultureInfo.InvariantCulture));
    return 0;
}

if (args is [SendFanOutServer.Switch, var sendPort])
{
    SendFanOutServer.Run(int.Parse(sendPort, System.Globalization.CultureInfo.InvariantCulture));
    return 0;
}

if (Settings.Parse(args, out var problem) is not { } settings)
{
    Console.Error.WriteLine(problem);
    Console.Error.WriteLine(Settings.Usage);
    return 2;
}

return await Run.AllAsync(settings) ? 0 : 1;
