using Chat.Client;

namespace Chat.Tests.Client;

public sealed class FileOutboxStoreTests : IDisposable
{
    private static readonly DateTimeOffset At = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("chat-outbox-");

    private string File => Path.Combine(_folder.FullName, "outbox.jsonl");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void What_was_added_and_not_removed_is_there_after_a_kill_in_its_order()
    {
        // Nothing is disposed, as after kill -9: what counts is what a copy of the file says.
        using var store = new FileOutboxStore(File);
        store.Add(Message("a"));
        store.Add(Message("b"));
        store.Add(Message("c"));
        store.MarkSent("a", At);
        store.Remove("b");
        var copy = Path.Combine(_folder.FullName, "copy.jsonl");
        System.IO.File.WriteAllBytes(copy, ReadShared());

        using var again = new FileOutboxStore(copy);

        Assert.Equal([Message("a") with { FirstSentAt = At }, Message("c")], again.Load());
    }

    [Fact]
    public void A_half_written_line_and_one_that_is_nonsense_are_stepped_over_and_the_next_line_is_whole()
    {
        using (var store = new FileOutboxStore(File))
        {
            store.Add(Message("a"));
            store.Add(Message("b"));
        }

        var lines = System.IO.File.ReadAllLines(File);
        System.IO.File.WriteAllText(File, $"{lines[0]}\n\0\0 nonsense\n{{\"add\":{{\"room\":\"lobby\"}}}}\n{lines[1]}\n{lines[1][..20]}");

        using (var store = new FileOutboxStore(File))
        {
            Assert.Equal([Message("a"), Message("b")], store.Load());
            store.Add(Message("c"));
        }

        using var again = new FileOutboxStore(File);
        Assert.Equal([Message("a"), Message("b"), Message("c")], again.Load());
    }

    [Fact]
    public void The_file_stays_small_however_many_messages_have_gone_through_it()
    {
        using var store = new FileOutboxStore(File);
        store.Add(Message("stays"));
        for (var i = 0; i < 1500; i++)
        {
            store.Add(Message($"m{i}"));
            store.Remove($"m{i}");
        }

        Assert.True(new FileInfo(File).Length < 1100 * 120, "compacted");
        Assert.Equal([Message("stays")], store.Load());
    }

    [Fact]
    public void A_second_process_cannot_have_the_file()
    {
        using var store = new FileOutboxStore(File);

        Assert.Throws<IOException>(() => new FileOutboxStore(File));
    }

    private static StoredMessage Message(string id) => new("lobby", id, "text");

    private byte[] ReadShared()
    {
        // The store has it for itself, as .NET sees it; the disk does not know that.
        using var cat = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo("cat", File) { RedirectStandardOutput = true })!;
        using var bytes = new MemoryStream();
        cat.StandardOutput.BaseStream.CopyTo(bytes);
        cat.WaitForExit();
        return bytes.ToArray();
    }
}
