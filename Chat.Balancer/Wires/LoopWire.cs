using Chat.Wires;

namespace Chat.Balancer.Wires;

/// <summary>A wire on a loop. Who ends it from another thread – a deadline, a drain – has that posted.</summary>
internal sealed class LoopWire(Chat.Wires.Wire wire) : Wire
{
    public override WireLoop Loop => wire.Loop;

    public override bool IsQuiet => wire.IsQuiet;

    public override ValueTask ReadableAsync() => wire.ReadableAsync();

    public override ValueTask<int> ReceiveAsync(Memory<byte> buffer)
    {
        var receiving = wire.ReceiveAsync(buffer);
        return receiving.IsCompleted ? ValueTask.FromResult(Outcome(receiving.Result)) : ReceiveLaterAsync(receiving);
    }

    public override ValueTask<bool> SendAsync(ReadOnlyMemory<byte> bytes) => wire.SendAsync(bytes);

    public override ValueTask NextRequestAsync() => wire.NextRequestAsync();

    public override ValueTask EndSendingAsync()
    {
        wire.EndSending();
        return ValueTask.CompletedTask;
    }

    public override void StopReceiving() => OnLoop(static wire => ((Chat.Wires.Wire)wire!).StopReceiving());

    public override void ReceiveAgain() => OnLoop(static wire => ((Chat.Wires.Wire)wire!).ReceiveAgain());

    public override void Abort() => OnLoop(static wire => ((Chat.Wires.Wire)wire!).Abort());

    public override void Dispose() => OnLoop(static wire => ((Chat.Wires.Wire)wire!).Dispose());

    public override Deadline DeadlineFor(bool aborts = false) => new(wire.Loop, wire.Loop.DeadlineFor(wire, aborts));

    /// <summary>Without the loop's context: under TLS, others' code waits for it.</summary>
    private static async ValueTask<int> ReceiveLaterAsync(ValueTask<int> receiving) => Outcome(await receiving.ConfigureAwait(false));

    private static int Outcome(int received) => received == Chat.Wires.Wire.Stopped ? 0 : received;

    /// <summary>A loop that has ended has closed its wires.</summary>
    private void OnLoop(Action<object?> act)
    {
        if (wire.Loop.IsCurrent)
        {
            act(wire);
        }
        else
        {
            wire.Loop.TryPost(act, wire);
        }
    }
}
