using Chat.Experiments.Ablations;
using Chat.Experiments.Strategies;
using Chat.Experiments.Strategies.Local;
using Chat.Experiments.Strategies.LocalFirst;
using Chat.Experiments.Strategies.PubSub;
using Chat.Experiments.Strategies.Split;
using Chat.Experiments.Strategies.Streams;
using Chat.Node.Backplane;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Chat.Experiments;

/// <summary>Puts other services in place of the node's own.</summary>
internal static class ExperimentServices
{
    /// <summary>Comes after all services of the node.</summary>
    public static IServiceCollection AddExperiment(this IServiceCollection services, ExperimentOptions options)
    {
        services.AddSingleton(options);
        if (options.ClockSkew != TimeSpan.Zero)
        {
            services.Replace(ServiceDescriptor.Singleton<TimeProvider>(new SkewedTime(TimeProvider.System, options.ClockSkew)));
        }

        services.Deliver(options.Delivery);
        foreach (var protection in options.Without)
        {
            services.WrapBackplane((provider, log) => Protection.Without(protection, provider, log));
        }

        return services;
    }

    /// <summary>Puts a backplane around the one that the node has.</summary>
    public static void WrapBackplane(this IServiceCollection services, Func<IServiceProvider, IBackplane, IBackplane> wrap)
    {
        var own = services.Last(service => service.ServiceType == typeof(IBackplane));
        services.Remove(own);
        services.AddSingleton(provider => wrap(provider, (IBackplane)(own.ImplementationFactory is { } make
            ? make(provider)
            : ActivatorUtilities.CreateInstance(provider, own.ImplementationType!))));
    }

    private static void Deliver(this IServiceCollection services, string delivery)
    {
        switch (delivery)
        {
            case "local":
                services.Replace(ServiceDescriptor.Singleton<IBackplane, LocalBackplane>());
                break;
            case "local-first":
                services.AddSingleton<RoomChannel>().Replace(ServiceDescriptor.Singleton<IBackplane, LocalFirstBackplane>());
                break;
            case "pubsub":
                services.AddSingleton<RoomChannel>().Replace(ServiceDescriptor.Singleton<IBackplane, PubSubBackplane>());
                break;
            case "split":
                services.AddSingleton<RoomChannel>().Replace(ServiceDescriptor.Singleton<IBackplane, SplitBackplane>());
                break;
            case "streams":
                services.AddSingleton<StreamPoller>().AddHostedService<StreamsCheck>()
                    .Replace(ServiceDescriptor.Singleton<IBackplane, StreamsBackplane>());
                break;
            default:
                // The node's own.
                break;
        }
    }
}
