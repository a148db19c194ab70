using System.Globalization;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Local.Hosting.Health;

/// <summary>Asks one instance over HTTP whether it is well.</summary>
internal sealed class HttpCheck(string path, int statusCode)
{
    public async Task<HealthCheckResult> RunAsync(Uri address, CancellationToken cancellationToken)
    {
        // Redirects are answers like any other, and a connection is not worth keeping for the few checks a minute.
        using var client = new HttpMessageInvoker(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false, UseCookies = false });
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(address, path));
        try
        {
            using var response = await client.SendAsync(request, cancellationToken);
            var answer = (int)response.StatusCode;
            return answer == statusCode
                ? HealthCheckResult.Healthy()
                : HealthCheckResult.Unhealthy(string.Create(CultureInfo.InvariantCulture, $"{path} answered {answer}, not {statusCode}."));
        }
        catch (HttpRequestException error)
        {
            return HealthCheckResult.Unhealthy($"{path} cannot be reached: {error.Message}");
        }
    }
}
