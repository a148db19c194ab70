using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Chat.AppHost.Running;

/// <summary>Healthy while a GET of the resource's readiness is answered with 200; otherwise with the reason that the answer gives.</summary>
internal sealed class ReadinessCheck(EndpointReference endpoint, string path, IHttpClientFactory clients) : IHealthCheck
{
    private static readonly TimeSpan AnswerMax = TimeSpan.FromSeconds(3);

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if (!endpoint.IsAllocated)
        {
            return HealthCheckResult.Unhealthy("Not started.");
        }

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(AnswerMax);
        try
        {
            using var client = clients.CreateClient(nameof(ReadinessCheck));
            using var answer = await client.GetAsync(new Uri(new Uri(endpoint.Url), path), limit.Token);
            return answer.IsSuccessStatusCode
                ? HealthCheckResult.Healthy()
                : HealthCheckResult.Unhealthy($"{(int)answer.StatusCode}: {await answer.Content.ReadAsStringAsync(limit.Token)}");
        }
        catch (HttpRequestException exception)
        {
            return HealthCheckResult.Unhealthy(exception.Message);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return HealthCheckResult.Unhealthy($"No answer within {AnswerMax.TotalSeconds:F0} s.");
        }
    }
}

internal static class ReadinessCheckExtensions
{
    /// <summary>Like <c>WithHttpHealthCheck</c>, which says the status alone.</summary>
    public static IResourceBuilder<T> WithReadiness<T>(this IResourceBuilder<T> builder, string path)
        where T : IResourceWithEndpoints
    {
        var key = $"{builder.Resource.Name}-ready";
        var endpoint = builder.GetEndpoint("http");
        builder.ApplicationBuilder.Services.AddHttpClient();
        builder.ApplicationBuilder.Services.AddHealthChecks().Add(new HealthCheckRegistration(
            key,
            services => new ReadinessCheck(endpoint, path, services.GetRequiredService<IHttpClientFactory>()),
            failureStatus: null,
            tags: null));
        return builder.WithHealthCheck(key);
    }
}
