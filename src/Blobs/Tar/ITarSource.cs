namespace Blobs.Tar;

/// <summary>Something that makes a tar, from front to back.</summary>
public interface ITarSource
{
    /// <summary>Fills <paramref name="target"/> with the next bytes; less than all of it only at the end.</summary>
    int Read(Span<byte> target);
}
