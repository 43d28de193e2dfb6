using Blobs.Errors;
using Blobs.Errors.Internal;
using Blobs.Tar;

namespace Blobs.Erofs;

/// <summary>Puts the content of files into an image while the tar is read.</summary>
internal abstract class ErofsData(ErofsOutput output, ErofsText text, Limits limits, int blockBits)
{
    /// <summary>Logarithm of the image's block size.</summary>
    public int BlockBits => blockBits;

    /// <summary>Bytes of a block.</summary>
    public int BlockBytes => 1 << blockBits;

    protected ErofsOutput Output => output;

    protected Limits Limits => limits;

    /// <summary>Takes a part of the tar that is not content.</summary>
    public abstract void Framing(ReadOnlySpan<byte> bytes);

    /// <summary>Takes content that belongs to no file.</summary>
    public abstract void Skip(ReadOnlySpan<byte> bytes);

    /// <summary>The content of a regular file begins.</summary>
    public abstract ErofsContent Begin(TarEntry file);

    /// <summary>Takes the next content of that file, as it is stored in the tar.</summary>
    public abstract void Write(TarEntry file, ReadOnlySpan<byte> bytes);

    /// <summary>The content of that file is complete.</summary>
    public abstract void End();

    /// <summary>The block of an offset in the image. An offset beyond the largest number counts as too large, too.</summary>
    protected uint BlockAt(long offset)
    {
        long block = offset >> blockBits;
        if (offset < 0 || block >= ErofsFormat.NoBlock || offset > limits.UncompressedBytes)
        {
            long allowed = Math.Min(limits.UncompressedBytes, (long)ErofsFormat.NoBlock << blockBits);
            Throw.LimitExceeded(nameof(Limits.UncompressedBytes), allowed, "erofs: the image");
        }

        return (uint)block;
    }

    /// <summary>Keeps the map of a sparse file.</summary>
    protected int Keep(ErofsSparseMap map)
    {
        text.Count(map.TableBytes);
        return text.Add(map.Bytes);
    }
}
