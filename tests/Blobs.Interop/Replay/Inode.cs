namespace Blobs.Interop.Replay;

/// <summary>One file, directory, link or device, as a disk has it: its names are in the directories.</summary>
internal sealed record Inode(char Type)
{
    public int Mode { get; init; } = 0b110_100_100;

    public long Uid { get; init; }

    public long Gid { get; init; }

    public (long Seconds, int Nanoseconds) Modified { get; init; } = (1_700_000_000, 0);

    /// <summary>Bytes of a file, target of a link.</summary>
    public byte[] Content { get; init; } = [];

    public (int Major, int Minor) Device { get; init; }

    public IReadOnlyDictionary<string, byte[]> Attributes { get; init; } = new Dictionary<string, byte[]>();

    public Inode WithBytes(long offset, ReadOnlySpan<byte> bytes)
    {
        byte[] content = new byte[Math.Max(Content.Length, offset + bytes.Length)];
        Content.CopyTo(content, 0);
        bytes.CopyTo(content.AsSpan((int)offset));
        return this with { Content = content };
    }

    public Inode WithLength(long length)
    {
        byte[] content = new byte[length];
        Content.AsSpan(0, (int)Math.Min(length, Content.Length)).CopyTo(content);
        return this with { Content = content };
    }

    public Inode WithAttribute(string name, byte[] value) => this with { Attributes = new Dictionary<string, byte[]>(Attributes) { [name] = value } };
}
