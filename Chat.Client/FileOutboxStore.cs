using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Chat.Client;

/// <summary>
/// Keeps an outbox in a file, one line for each thing that happened. A line is on the disk before its message is sent, so that it survives the
/// end of the process and of the machine. The file is written anew, small, when most of it is history. One process at a time.
/// </summary>
public sealed partial class FileOutboxStore : IOutboxStore, IDisposable
{
    private const int LinesMin = 1000;
    private const byte LineEnd = (byte)'\n';

    private readonly string _path;
    private readonly ILogger _logger;
    private readonly Dictionary<string, StoredMessage> _messages = [];
    private readonly List<string> _order = [];
    private FileStream _file;
    private int _lines;

    /// <param name="path">Of the file. It is made where it is missing; its folder has to exist.</param>
    /// <exception cref="IOException">It cannot be opened: another process has it, or may not.</exception>
    public FileOutboxStore(string path, ILogger<FileOutboxStore>? logger = null)
    {
        (_path, _logger) = (path, logger ?? NullLogger<FileOutboxStore>.Instance);
        File.Delete(NewPath);
        _file = Open(path);
        Read();
        if (_lines > 0)
        {
            Compact();
        }
    }

    private string NewPath => _path + ".new";

    public IReadOnlyList<StoredMessage> Load() => [.. _order.Where(_messages.ContainsKey).Select(id => _messages[id])];

    public void Add(StoredMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        Write(new OutboxLine { Add = message });
        Apply(new OutboxLine { Add = message });
    }

    public void MarkSent(string id, DateTimeOffset at)
    {
        if (_messages.ContainsKey(id))
        {
            Write(new OutboxLine { Sent = id, At = at });
            Apply(new OutboxLine { Sent = id, At = at });
        }
    }

    public void Remove(string id)
    {
        if (!_messages.ContainsKey(id))
        {
            return;
        }

        Apply(new OutboxLine { Done = id });

        // Not on the disk yet: should it get lost the message is sent again under its id, which does no harm.
        Write(new OutboxLine { Done = id }, toDisk: false);
        if (_lines > LinesMin && _lines > 4 * _messages.Count)
        {
            Compact();
        }
    }

    public void Dispose() => _file.Dispose();

    private static FileStream Open(string path) => new(
        path, new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.None, BufferSize = 0 });

    private static byte[] Encode(OutboxLine line) => [.. JsonSerializer.SerializeToUtf8Bytes(line, OutboxJson.Default.OutboxLine), LineEnd];

    /// <summary>A line that cannot be read is stepped over: the last one may be half written, and others are not worth losing for it.</summary>
    private void Read()
    {
        using var reader = new StreamReader(_file, Encoding.UTF8, detectEncodingFromByteOrderMarks: false, leaveOpen: true);
        while (reader.ReadLine() is { } text)
        {
            _lines++;
            try
            {
                if (JsonSerializer.Deserialize(text, OutboxJson.Default.OutboxLine) is { } line)
                {
                    Apply(line);
                }
            }
            catch (JsonException exception)
            {
                LogBadLine(_path, _lines, exception);
            }
        }

        _file.Position = _file.Length;
    }

    private void Apply(OutboxLine line)
    {
        if (line.Add is { } message && _messages.TryAdd(message.Id, message))
        {
            _order.Add(message.Id);
        }

        if (line.Sent is { } sent && _messages.TryGetValue(sent, out var known) && known.FirstSentAt is null)
        {
            _messages[sent] = known with { FirstSentAt = line.At };
        }

        if (line.Done is { } done && _messages.Remove(done))
        {
            _order.Remove(done);
        }
    }

    private void Write(OutboxLine line, bool toDisk = true)
    {
        var end = _file.Position;
        try
        {
            _file.Write(Encode(line));
            _file.Flush(toDisk);
            _lines++;
        }
        catch (IOException)
        {
            // Half a line would spoil the next one.
            _file.SetLength(end);
            _file.Position = end;
            throw;
        }
    }

    /// <summary>The new file is whole and on the disk before it takes the place of the old one.</summary>
    private void Compact()
    {
        var compact = Open(NewPath);
        try
        {
            foreach (var message in Load())
            {
                compact.Write(Encode(new OutboxLine { Add = message }));
            }

            compact.Flush(flushToDisk: true);
            File.Move(NewPath, _path, overwrite: true);
        }
        catch
        {
            compact.Dispose();
            throw;
        }

        _file.Dispose();
        (_file, _lines) = (compact, _messages.Count);
    }

    [LoggerMessage(LogLevel.Warning, "Line {Line} of {Path} cannot be read and is left out")]
    private partial void LogBadLine(string path, int line, Exception exception);
}

/// <summary>What happened: a message was added, sent for the first time, or is done with.</summary>
internal sealed record OutboxLine
{
    public StoredMessage? Add { get; init; }

    public string? Sent { get; init; }

    public DateTimeOffset? At { get; init; }

    public string? Done { get; init; }
}

[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(OutboxLine))]
internal sealed partial class OutboxJson : JsonSerializerContext;
