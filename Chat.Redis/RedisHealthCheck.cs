using System.Net.Sockets;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Chat.Redis;

/// <summary>Healthy only when the server has just answered a command and run a script, asked through a socket as clients do.</summary>
internal sealed class RedisHealthCheck(RedisServerState state, RedisServerOptions options, TimeProvider time) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if (state.Instance is not { } instance)
        {
            return HealthCheckResult.Unhealthy("The data is being read.");
        }

        if (state.WriteProblem is { } problem)
        {
            return HealthCheckResult.Unhealthy(problem);
        }

        using var deadline = new CancellationTokenSource(options.ProbeTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            using var connection = await RespConnection.OpenAsync(instance.Port, either.Token);
            var pong = await connection.CallAsync(either.Token, "PING");
            var seven = await connection.CallAsync(either.Token, "EVAL", "return 3 + 4", "0");
            return (pong, seven) == ("PONG", "7")
                ? HealthCheckResult.Healthy()
                : HealthCheckResult.Unhealthy($"PING gave {pong}, and the script {seven}.");
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested)
        {
            return HealthCheckResult.Unhealthy($"No answer within {options.ProbeTimeout.TotalSeconds} s.");
        }
        catch (Exception exception) when (exception is SocketException or IOException)
        {
            return HealthCheckResult.Unhealthy(exception.Message);
        }
    }
}
