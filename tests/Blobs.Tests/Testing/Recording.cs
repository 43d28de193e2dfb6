using Blobs.Errors;
using Blobs.Tar;
using Blobs.TarSplit;

namespace Blobs.Tests.Testing;

/// <summary>Records archives and replays recordings in memory.</summary>
internal static class Recording
{
    public static byte[] Of(byte[] archive, int chunkBytes = int.MaxValue)
    {
        var stream = new ByteCollector();
        using var recorder = new TarSplitRecorder(stream);
        using var reader = new TarReader(recorder);
        for (int position = 0; position < archive.Length;)
        {
            int length = Math.Min(chunkBytes, archive.Length - position);
            reader.Push(archive.AsSpan(position, length));
            position += length;
        }

        reader.Complete();
        recorder.Complete();
        return stream.ToArray();
    }

    /// <summary>Rebuilds an archive from a recording and the files of a tree.</summary>
    public static byte[] Replay(byte[] recording, IReadOnlyDictionary<string, byte[]> files, int chunkBytes = 1000)
    {
        using var reader = new TarSplitReader(new MemoryStream(recording), Limits.Default);
        var replayer = new TarReplayer(reader, new MemoryTree(files));
        var archive = new MemoryStream();
        byte[] buffer = new byte[chunkBytes];
        while (true)
        {
            int read = replayer.Read(buffer);
            archive.Write(buffer, 0, read);
            if (read < buffer.Length)
            {
                return archive.ToArray();
            }
        }
    }

    /// <summary>Returns the files of an unpacked archive: the content of every entry that is not sparse, by
    /// name.</summary>
    public static Dictionary<string, byte[]> TreeOf(byte[] archive)
    {
        var sink = new TreeSink();
        using var reader = new TarReader(sink);
        reader.Push(archive);
        reader.Complete();
        return sink.Files;
    }

    private sealed class TreeSink : ITarSink
    {
        private readonly MemoryStream _payload = new();
        private string _name = "";

        public Dictionary<string, byte[]> Files { get; } = [];

        public void Entry(TarEntry entry) => _name = Convert.ToHexString(entry.Name);

        public void Payload(ReadOnlySpan<byte> bytes) => _payload.Write(bytes);

        public void EndEntry()
        {
            Files[_name] = _payload.ToArray();
            _payload.SetLength(0);
        }
    }

    private sealed class MemoryTree(IReadOnlyDictionary<string, byte[]> files) : IFileSource
    {
        private MemoryStream _open = new();

        public void Open(ReadOnlySpan<byte> name) => _open = new MemoryStream(files[Convert.ToHexString(name)]);

        public int Read(Span<byte> target) => _open.Read(target);
    }
}
