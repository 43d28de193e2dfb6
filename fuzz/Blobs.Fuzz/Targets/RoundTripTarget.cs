using Blobs.Buffers;
using Blobs.Errors;
using Blobs.Tar;
using Blobs.TarSplit;

namespace Blobs.Fuzz.Targets;

/// <summary>Any archive that can be recorded is rebuilt bit for bit from its recording and its files.</summary>
internal sealed class RoundTripTarget : IFuzzTarget
{
    public string Name => "roundtrip";

    public void Run(ReadOnlySpan<byte> input)
    {
        var recording = new Collector();
        var files = new Files();
        using (var recorder = new TarSplitRecorder(recording))
        {
            Push(recorder, input);
            recorder.Complete();
        }

        Push(files, input);
        if (files.HasDoubles)
        {
            // The tree keeps only the last of two files with the same name; a store rejects such a layer.
            return;
        }

        using var reader = new TarSplitReader(new MemoryStream(recording.ToArray()), Limits.Default);
        var replayer = new TarReplayer(reader, files);
        byte[] back = new byte[input.Length + 1];
        int length = replayer.Read(back);
        FindingException.ThrowIf(!back.AsSpan(0, length).SequenceEqual(input), "what came back is another archive");
    }

    private static void Push(ITarSink sink, ReadOnlySpan<byte> input)
    {
        using var reader = new TarReader(sink);
        reader.Push(input);
        reader.Complete();
    }

    private sealed class Collector : IByteSink
    {
        private readonly MemoryStream _bytes = new();

        public void Write(ReadOnlySpan<byte> bytes) => _bytes.Write(bytes);

        public byte[] ToArray() => _bytes.ToArray();
    }

    private sealed class Files : ITarSink, IFileSource
    {
        private readonly Dictionary<string, byte[]> _files = [];
        private readonly MemoryStream _payload = new();
        private MemoryStream _open = new();
        private string _name = "";

        public bool HasDoubles { get; private set; }

        public void Entry(TarEntry entry) => _name = Convert.ToHexString(entry.Name);

        public void Payload(ReadOnlySpan<byte> bytes) => _payload.Write(bytes);

        public void EndEntry()
        {
            HasDoubles |= !_files.TryAdd(_name, _payload.ToArray());
            _payload.SetLength(0);
        }

        public void Open(ReadOnlySpan<byte> name) => _open = new MemoryStream(_files[Convert.ToHexString(name)]);

        public int Read(Span<byte> target) => _open.Read(target);
    }
}
