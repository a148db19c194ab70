using System.ComponentModel;
using System.Runtime.CompilerServices;
using System.Runtime.Versioning;
using Chat.Wires.Engines.Linux;

namespace Chat.Wires.Engines.IoUring;

/// <summary>
/// The two queues that io_uring(7) shares with the kernel. Each index has one writer: the tail of submissions and the head of completions
/// are ours, the other two the kernel's. What the writer filled before is seen by whoever reads the index, hence the volatile accesses,
/// which are the acquire and release that the page asks for.
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed unsafe class Ring : IDisposable
{
    /// <summary>IORING_OFF_SQES, io_uring_setup(2).</summary>
    private const long EntriesOffset = 0x10000000;

    /// <summary>IORING_SQ_CQ_OVERFLOW, io_uring_setup(2).</summary>
    private const uint OverflowFlag = 1 << 1;

    private readonly byte* _shared;
    private readonly nuint _sharedBytes;
    private readonly SubmissionEntry* _entries;
    private readonly CompletionEntry* _completions;
    private readonly uint _capacity;
    private readonly uint _completionMask;
    private readonly SubmissionOffsets _submission;
    private readonly CompletionOffsets _completion;
    private uint _tail;
    private uint _submitted;

    /// <exception cref="Win32Exception">io_uring_setup failed.</exception>
    public Ring(int entries, int completionsPerEntry)
    {
        var parameters = new RingParameters
        {
            Flags = SetupFlags.SingleIssuer | SetupFlags.DeferTaskRun | SetupFlags.CooperativeTaskRun | SetupFlags.SubmitAll | SetupFlags.CompletionSize,
            CompletionEntries = (uint)(entries * completionsPerEntry),
        };
        Descriptor = UringCalls.Setup((uint)entries, ref parameters);
        if (Descriptor < 0)
        {
            throw new Win32Exception(-Descriptor);
        }

        (Features, _submission, _completion) = (parameters.Features, parameters.Submission, parameters.Completion);
        _capacity = parameters.SubmissionEntries;
        _completionMask = parameters.CompletionEntries - 1;
        _sharedBytes = Math.Max(
            _submission.Array + (parameters.SubmissionEntries * sizeof(uint)),
            _completion.Completions + (parameters.CompletionEntries * (uint)sizeof(CompletionEntry)));
        _shared = UringCalls.Map(_sharedBytes, Descriptor, 0);
        _entries = (SubmissionEntry*)UringCalls.Map(_capacity * (uint)sizeof(SubmissionEntry), Descriptor, EntriesOffset);
        _completions = (CompletionEntry*)(_shared + _completion.Completions);
        for (var i = 0u; i < _capacity; i++)
        {
            // Entries are submitted in the order of their places, so that the array between index and entry never changes.
            ((uint*)(_shared + _submission.Array))[i] = i;
        }
    }

    public int Descriptor { get; }

    public RingFeatures Features { get; }

    /// <summary>Places that are free before a submission becomes necessary.</summary>
    public int Room => (int)(_capacity - (_tail - _submitted));

    /// <summary>What did not fit into the completion queue waits in the kernel for the next enter.</summary>
    public bool HasOverflowed => (Volatile.Read(ref At(_submission.Flags)) & OverflowFlag) != 0;

    /// <summary>The next request, all zero. Valid until the next enter.</summary>
    public ref SubmissionEntry Next()
    {
        if (Room == 0)
        {
            Submit();
        }

        ref var entry = ref _entries[_tail++ & (_capacity - 1)];
        entry = default;
        return ref entry;
    }

    /// <summary>Hands over all requests without waiting. What was handed over before the call returns has been tried once.</summary>
    public void Submit()
    {
        while (_tail != _submitted)
        {
            Enter(0, EnterFlags.None, null);
        }
    }

    /// <summary>Hands over all requests, waits for a completion, and has the kernel make those that are due.</summary>
    /// <param name="timeoutMilliseconds">-1 for ever, 0 not at all.</param>
    public void SubmitAndWait(int timeoutMilliseconds)
    {
        var time = new KernelTime { Seconds = timeoutMilliseconds / 1000, Nanoseconds = timeoutMilliseconds % 1000 * 1_000_000L };
        var argument = new WaitArgument { Timeout = timeoutMilliseconds > 0 ? &time : null };
        Enter(timeoutMilliseconds == 0 ? 0u : 1u, EnterFlags.GetEvents | EnterFlags.ExtendedArgument, &argument);

        // Rare: the kernel was out of memory for the rest.
        Submit();
    }

    /// <summary>Has what overflowed moved into the completion queue.</summary>
    public void Collect() => Enter(0, EnterFlags.GetEvents, null);

    public bool TryTake(out CompletionEntry completion)
    {
        ref var head = ref At(_completion.Head);
        if (head == Volatile.Read(ref At(_completion.Tail)))
        {
            completion = default;
            return false;
        }

        completion = _completions[head & _completionMask];
        Volatile.Write(ref head, head + 1);
        return true;
    }

    /// <summary>Closing the descriptor ends what is under way; then the memory is ours alone.</summary>
    public void Dispose()
    {
        Libc.Close(Descriptor);
        UringCalls.Unmap(_entries, _capacity * (uint)sizeof(SubmissionEntry));
        UringCalls.Unmap(_shared, _sharedBytes);
    }

    private void Enter(uint completions, EnterFlags flags, WaitArgument* argument)
    {
        Volatile.Write(ref At(_submission.Tail), _tail);
        var result = UringCalls.Enter(Descriptor, _tail - _submitted, completions, flags, argument);
        _submitted = Volatile.Read(ref At(_submission.Head));
        if (result is < 0 and not (-Errno.Interrupted or -Errno.Again or -Errno.Busy or -Errno.TimerExpired))
        {
            throw new Win32Exception(-result);
        }
    }

    private ref uint At(uint offset) => ref Unsafe.AsRef<uint>(_shared + offset);
}
