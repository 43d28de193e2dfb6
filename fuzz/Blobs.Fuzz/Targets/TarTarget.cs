using System.Text;
using Blobs.Errors;
using Blobs.Tar;

namespace Blobs.Fuzz.Targets;

/// <summary>The tar reader: reports every byte once and in order, same result whole and in pieces, and agrees with the
/// framework on plain archives.</summary>
internal sealed class TarTarget : IFuzzTarget
{
    public string Name => "tar";

    public void Run(ReadOnlySpan<byte> input)
    {
        string whole = Read(input, int.MaxValue);
        string pieces = Read(input, input.IsEmpty ? 1 : 1 + (input[^1] * 3));
        FindingException.ThrowIf(whole != pieces, "whole and in pieces differ");
    }

    private static string Read(ReadOnlySpan<byte> input, int pieceBytes)
    {
        var story = new Story();
        using var reader = new TarReader(story);
        try
        {
            for (ReadOnlySpan<byte> rest = input; !rest.IsEmpty;)
            {
                int length = Math.Min(pieceBytes, rest.Length);
                reader.Push(rest[..length]);
                rest = rest[length..];
            }

            reader.Complete();
            FindingException.ThrowIf(!input.SequenceEqual(story.Bytes), "what was told is not what came");
            CompareNames(input, story);
        }
        catch (BlobsException fault)
        {
            story.Text.Append(fault.GetType().Name).Append((fault as MalformedDataException)?.Fault);
        }

        return story.Text.ToString();
    }

    // When all members are plain files or directories, both must see the same names.
    private static void CompareNames(ReadOnlySpan<byte> input, Story story)
    {
        if (!story.IsPlain)
        {
            return;
        }

        var names = new List<string>();
        try
        {
            using var reader = new System.Formats.Tar.TarReader(new MemoryStream(input.ToArray()));
            while (reader.GetNextEntry() is { } entry)
            {
                names.Add(entry.Name);
            }
        }
        catch (Exception fault) when (fault is InvalidDataException or EndOfStreamException or FormatException or ArgumentException or OverflowException)
        {
            return;
        }

        FindingException.ThrowIf(!story.Names.SequenceEqual(names), "System.Formats.Tar sees other names");
    }

    private sealed class Story : ITarSink
    {
        private readonly MemoryStream _bytes = new();

        public StringBuilder Text { get; } = new();

        public List<string> Names { get; } = [];

        public bool IsPlain { get; private set; } = true;

        public ReadOnlySpan<byte> Bytes => _bytes.GetBuffer().AsSpan(0, (int)_bytes.Length);

        public void Framing(ReadOnlySpan<byte> bytes) => _bytes.Write(bytes);

        public void Entry(TarEntry entry)
        {
            IsPlain &= entry.Type is TarEntryType.File or TarEntryType.Directory && entry.XattrCount == 0 && !entry.IsSparse
                && !entry.Name.IsEmpty && System.Text.Ascii.IsValid(entry.Name);
            Names.Add(Encoding.UTF8.GetString(entry.Name));
            Text.Append((char)entry.Type).Append(Convert.ToHexString(entry.Name)).Append('>').Append(Convert.ToHexString(entry.LinkName))
                .Append($" {entry.Mode} {entry.Uid} {entry.Gid} {entry.Size} {entry.StoredBytes} {entry.ModifiedTime.Seconds} {entry.XattrCount}\n");
        }

        public void Payload(ReadOnlySpan<byte> bytes) => _bytes.Write(bytes);

        public void EndEntry() => Text.Append('.');

        public void EndOfArchive() => Text.Append('$');
    }
}
