using System.Diagnostics;
using System.Text;
using Chat.Node.Admission;
using Chat.Node.Backplane;
using Chat.Protocol;
using Chat.Protocol.Frames;
using Chat.ServiceDefaults;
using Microsoft.Extensions.Options;

namespace Chat.Node.Connections;

/// <summary>Takes a message from its sender into the room's log: admit, append, ack.</summary>
internal sealed class MessageSender(
    ConnectionServices services, IBackplane backplane, SendBudget budget, IOptions<NodeOptions> options, TimeProvider time)
{
    private const int IdLengthMax = 64;
    private const int RetryAfterMs = 1000;

    private readonly NodeOptions _options = options.Value;
    private readonly TraceBudget _traces = new(options.Value.ClientTracesPerSecondMax, options.Value.ClientTracesPerSecondMax, time);

    public async Task SendAsync(Connection connection, SendFrame send, CancellationToken cancellationToken)
    {
        var receivedAt = time.GetUtcNow();
        if (FindProblem(connection, send) is { } problem)
        {
            Refuse(connection, activity: null, problem);
            return;
        }

        using var activity = Tracing.StartReceive(connection, send, services.Node.Id, _traces);

        try
        {
            if (await budget.TakeAsync(connection.Credit, connection.User, cancellationToken) is { } wait)
            {
                Refuse(connection, activity, new NackFrame(
                    send.Id, ErrorCode.RateLimited, "Too fast. Send it again a little later.", Retryable: true, (int)wait.TotalMilliseconds));
                return;
            }

            var stored = await AppendAsync(connection.User, send, receivedAt, cancellationToken);
            activity?.At(stored.Position);
            services.Metrics.Sent(stored.Duplicate ? "duplicate" : "stored");
            connection.Send(new AckFrame(
                send.Id, send.Room, stored.Position.Epoch, stored.Position.Offset, stored.Duplicate ? true : null));
            await services.Invitations.ConsiderAsync(
                send.Room, connection.Memberships[send.Room].Room.Presence, connection.User, cancellationToken);
        }
        catch (BackplaneUnavailableException)
        {
            Refuse(connection, activity, new NackFrame(
                send.Id, ErrorCode.Unavailable, "Not known to be stored. Send it again with the same id.", Retryable: true, RetryAfterMs));
        }
    }

    private void Refuse(Connection connection, Activity? activity, NackFrame nack)
    {
        services.Metrics.Sent(nack.Code);
        services.Metrics.Rejected(nack.Code);
        activity.Fail(nack.Code);
        connection.Send(nack);
    }

    private async Task<Stored> AppendAsync(
        string author, SendFrame send, DateTimeOffset receivedAt, CancellationToken cancellationToken)
    {
        using var activity = Tracing.StartAppend(send.Room, services.Node.Id);
        var started = time.GetTimestamp();
        var message = new NewMessage(
            send.Room,
            $"{author}:{send.Id}",
            FrameCodec.EncodeTemplate(send.Room, send.Id, author, send.Text, receivedAt, services.Node.Id),
            new Origin(services.Node.Id, receivedAt, Tracing.Traceparent(activity)));
        try
        {
            var stored = await backplane.PublishAsync(message, cancellationToken);
            activity?.At(stored.Position).SetTag("chat.duplicate", stored.Duplicate ? true : null);
            services.Metrics.Appended(time.GetElapsedTime(started), error: null);
            return stored;
        }
        catch (BackplaneUnavailableException)
        {
            activity.Fail(ErrorCode.Unavailable);
            services.Metrics.Appended(time.GetElapsedTime(started), ErrorCode.Unavailable);
            throw;
        }
    }

    private NackFrame? FindProblem(Connection connection, SendFrame send)
    {
        if (send.Id.Length is 0 or > IdLengthMax || send.Id.AsSpan().ContainsAnyExceptInRange('!', '~'))
        {
            return Nack(send.Id.Length > IdLengthMax ? send.Id[..IdLengthMax] : send.Id, ErrorCode.BadId, "An id is 1-64 visible ASCII characters.");
        }

        if (!connection.Memberships.ContainsKey(send.Room))
        {
            return Nack(send.Id, ErrorCode.NotJoined, "Join the room before sending to it.");
        }

        if (send.Text.Length == 0)
        {
            return Nack(send.Id, ErrorCode.TextEmpty, "A message has a text.");
        }

        return Encoding.UTF8.GetByteCount(send.Text) > _options.TextBytesMax
            ? Nack(send.Id, ErrorCode.TextTooLong, $"A text has at most {_options.TextBytesMax} bytes of UTF-8.")
            : null;
    }

    private static NackFrame Nack(string id, string code, string message) => new(id, code, message, Retryable: false);
}
