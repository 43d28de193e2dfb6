using System.Text;
using Blobs.Errors;
using Blobs.TarSplit;

namespace Blobs.Fuzz.Targets;

/// <summary>The reader of recordings: same result from a stream that returns everything at once and from one that
/// returns single bytes.</summary>
internal sealed class TarSplitTarget : IFuzzTarget
{
    public string Name => "tarsplit";

    public void Run(ReadOnlySpan<byte> input)
    {
        byte[] bytes = input.ToArray();
        FindingException.ThrowIf(
            Read(new MemoryStream(bytes)) != Read(new SlowStream(bytes)), "at once and byte by byte differ");
    }

    private static string Read(Stream stream)
    {
        var story = new StringBuilder();
        using var reader = new TarSplitReader(stream, Limits.Default);
        try
        {
            while (reader.Read())
            {
                story.Append($"{reader.Kind} {reader.Size} {Convert.ToHexString(reader.Name)} {Convert.ToHexString(reader.Payload)}\n");
            }
        }
        catch (BlobsException fault)
        {
            story.Append(fault.GetType().Name);
        }

        return story.ToString();
    }

    private sealed class SlowStream(byte[] bytes) : MemoryStream(bytes)
    {
        public override int Read(Span<byte> buffer) => base.Read(buffer[..Math.Min(1, buffer.Length)]);

        public override int Read(byte[] buffer, int offset, int count) => base.Read(buffer, offset, Math.Min(1, count));
    }
}
