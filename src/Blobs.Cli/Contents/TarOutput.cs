using Blobs.Images;
using Blobs.Streams;

namespace Blobs.Cli.Contents;

/// <summary>Writes files of an image as a tar to a file or standard output.</summary>
internal static class TarOutput
{
    /// <summary>Writes a part of a file system, and returns the length of the tar.</summary>
    public static Task<long> WriteAsync(
        string output, ImageFileSystem files, string path, string name, CancellationToken cancellationToken) =>
        Output.WriteFileAsync(output, async target =>
        {
            var counted = new CountingTarget(target);
            await using (counted.ConfigureAwait(false))
            {
                await files.WriteTarAsync(counted, path, name, cancellationToken).ConfigureAwait(false);
                return counted.Count;
            }
        }, cancellationToken);

    private sealed class CountingTarget(Stream target) : WriteOnlyStream
    {
        public long Count { get; private set; }

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            target.Write(buffer);
            Count += buffer.Length;
        }
    }
}
