using System.Globalization;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Local.Hosting.Running;

namespace Aspire.Local.Hosting.Values;

/// <param name="Text">Null when there is none and none is needed.</param>
internal readonly record struct ResolvedValue(string? Text, bool IsSecret);

/// <summary>Turns what an AppHost said into text for one instance.</summary>
internal sealed class ValueResolver(ResourceInstance instance, OtlpEndpoint otlp)
{
    /// <exception cref="DistributedApplicationException">A value is missing.</exception>
    public async ValueTask<ResolvedValue> ResolveAsync(object? value, CancellationToken cancellationToken) => value switch
    {
        null => new("", false),
        string text => new(text, false),
        SecretText secret => new(secret.Value, true),
        ParameterResource parameter => new(parameter.Value, parameter.Secret),
        ReferenceExpression expression => await FillAsync(expression, cancellationToken),
        EndpointReferenceExpression { Property: EndpointProperty.TargetPort } port => new(OwnPort(port), false),
        ListenAddresses addresses => new(string.Join(';', addresses.Ports.Select(port => $"{port.Endpoint.Scheme}://localhost:{OwnPort(port)}")), false),
        OtlpTarget target => new(target == OtlpTarget.Url ? otlp.Url : otlp.Protocol, false),
        InstanceId => new($"service.instance.id={instance.Suffix}", false),
        ConnectionStringReference reference => await ConnectAsync(reference, cancellationToken),
        IResourceWithConnectionString source => await FillAsync(source.ConnectionStringExpression, cancellationToken),
        IResourceBuilder<IResource> builder => await ResolveAsync(builder.Resource, cancellationToken),
        IValueProvider provider => new(await provider.GetValueAsync(cancellationToken), false),
        IFormattable formattable => new(formattable.ToString(null, CultureInfo.InvariantCulture), false),
        _ => new(value.ToString(), false),
    };

    private async ValueTask<ResolvedValue> FillAsync(ReferenceExpression expression, CancellationToken cancellationToken)
    {
        var texts = new object?[expression.ValueProviders.Count];
        var secret = false;
        for (var i = 0; i < texts.Length; i++)
        {
            var part = await ResolveAsync(expression.ValueProviders[i], cancellationToken);
            texts[i] = part.Text;
            secret |= part.IsSecret;
        }

        return new(string.Format(CultureInfo.InvariantCulture, expression.Format, texts), secret);
    }

    private async ValueTask<ResolvedValue> ConnectAsync(ConnectionStringReference reference, CancellationToken cancellationToken)
    {
        try
        {
            var value = await ResolveAsync(reference.Resource, cancellationToken);
            return value.Text is { Length: > 0 } || reference.Optional
                ? value
                : throw new DistributedApplicationException($"The connection string of '{reference.Resource.Name}' is empty.");
        }
        catch (DistributedApplicationException) when (reference.Optional)
        {
            return new(null, false);
        }
    }

    /// <summary>Own ports are those of this very instance; those of others, of their first.</summary>
    private string? OwnPort(EndpointReferenceExpression port)
    {
        var own = port.Endpoint.Resource == instance.Resource ? instance.PortOf(port.Endpoint.EndpointName) : null;
        return (own ?? port.Endpoint.TargetPort)?.ToString(CultureInfo.InvariantCulture);
    }
}
