namespace Blobs.Tar;

/// <summary>Produces a tar archive, from front to back.</summary>
public interface ITarSource
{
    /// <summary>Fills <paramref name="target"/> with the next bytes and returns their number, which is smaller only at the
    /// end.</summary>
    int Read(Span<byte> target);
}
