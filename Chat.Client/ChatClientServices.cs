using Chat.Client;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>The chat client as a service.</summary>
public static class ChatClientServices
{
    /// <summary>
    /// Adds one <see cref="ChatClient"/> for the whole program, with the host's loggers. It connects when it is started or first used, and ends with
    /// the host.
    /// </summary>
    /// <param name="configure">Sets at least <see cref="ChatClientOptions.Url"/> and <see cref="ChatClientOptions.Token"/>.</param>
    public static IServiceCollection AddChatClient(this IServiceCollection services, Action<ChatClientOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        return services.AddChatClient((options, _) => configure(options));
    }

    /// <inheritdoc cref="AddChatClient(IServiceCollection, Action{ChatClientOptions})"/>
    /// <param name="configure">The same, with the services of the host: whoever gives tokens, the configuration.</param>
    public static IServiceCollection AddChatClient(this IServiceCollection services, Action<ChatClientOptions, IServiceProvider> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configure);
        services.AddOptions<ChatClientOptions>().Configure(configure);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<ChatClientOptions>, ChatClientOptionsValidator>());
        services.TryAddSingleton(provider => new ChatClient(
            provider.GetRequiredService<IOptions<ChatClientOptions>>().Value, provider.GetService<ILogger<ChatClient>>()));
        return services;
    }
}
