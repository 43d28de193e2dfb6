using System.Runtime.Versioning;
using System.Text;
using Blobs.Errors;
using Blobs.Errors.Internal;
using Blobs.Files;
using Blobs.Files.Internal;
using Blobs.Hashing;
using Blobs.Hashing.Internal;
using Blobs.Images.Internal;
using Blobs.Oci;

namespace Blobs.Transfer;

/// <summary>Writes to an OCI layout in a folder, new or existing. Blobs appear atomically under their digests; the
/// index is replaced at the end.</summary>
[SupportedOSPlatform("linux")]
internal sealed class FolderLayoutWriter : ILayoutWriter
{
    private readonly string _folder;
    private readonly bool _keepsBlobs;
    private readonly MadeDirectories _made = new();
    private readonly List<string> _written = [];
    private bool _isCommitted;

    /// <param name="folder">The layout.</param>
    /// <param name="limits">Limits on its index.</param>
    /// <param name="keepsBlobs">Whether blobs stay without a commit, so that the next copy need not send them.</param>
    public FolderLayoutWriter(string folder, Limits limits, bool keepsBlobs)
    {
        _keepsBlobs = keepsBlobs;
        _folder = Path.GetFullPath(folder);
        string index = PathOf(OciLayout.IndexName);
        if (FilePath.IsFile(index))
        {
            byte[] json = SmallFile.ReadBytes(index, limits.ManifestBytes);
            Index = ErrorContext.Run(index, () => Manifest.ParseIndex(json, limits)) as ImageIndex
                ?? throw new MalformedDataException(Fault.ImageArchive, 0, $"{index}: is not an index");
        }
    }

    public ImageIndex? Index { get; }

    public bool Contains(Digest digest) => FilePath.IsFile(PathOf(OciLayout.BlobName(digest)));

    public void Write(Digest digest, ReadOnlySpan<byte> content)
    {
        if (Contains(digest))
        {
            return;
        }

        using AtomicFile file = Create(PathOf(OciLayout.BlobName(digest)));
        file.Stream.Write(content);
        Publish(file, digest);
    }

    public async Task WriteAsync(Digest digest, long length, Func<Stream, Task> write)
    {
        if (Contains(digest))
        {
            return;
        }

        await WriteAsync(async (target, _) =>
        {
            await write(target).ConfigureAwait(false);
            return new WrittenBlob(digest, length);
        }).ConfigureAwait(false);
    }

    public async Task<WrittenBlob> WriteAsync(BlobWriter write)
    {
        using AtomicFile file = Create(_folder);
        WrittenBlob blob = await write(file.Stream, null).ConfigureAwait(false);
        Publish(file, blob.Digest);
        return blob;
    }

    public void Commit(ImageIndex index, IReadOnlyList<DockerManifestItem> images)
    {
        _made.Ensure(_folder, MadeDirectories.Readable);
        string layout = PathOf(OciLayout.LayoutName);
        if (!FilePath.IsFile(layout))
        {
            AtomicFile.Replace(layout, Encoding.ASCII.GetBytes(OciLayout.Version), TemporaryNames.Engine);
        }

        AtomicFile.Replace(PathOf(OciLayout.IndexName), index.Bytes.Span, TemporaryNames.Engine);
        _isCommitted = true;
    }

    public ValueTask DisposeAsync()
    {
        if (!_isCommitted && !_keepsBlobs)
        {
            _written.ForEach(File.Delete);
            _made.Undo();
        }

        return ValueTask.CompletedTask;
    }

    private AtomicFile Create(string shown)
    {
        string temporary = Path.Combine(_folder, "blobs", DigestText.Sha256, TemporaryNames.Hidden.NameFor(""));
        _made.Ensure(Path.GetDirectoryName(temporary)!, MadeDirectories.Readable);
        return AtomicFile.CreateAt(temporary, shown, SmallFile.Readable);
    }

    private void Publish(AtomicFile file, Digest digest)
    {
        string target = PathOf(OciLayout.BlobName(digest));
        bool isNew = !FilePath.IsFile(target);
        _made.Ensure(Path.GetDirectoryName(target)!, MadeDirectories.Readable);
        file.Commit(target);
        if (isNew)
        {
            _written.Add(target);
        }
    }

    private string PathOf(string name) => Path.Combine(_folder, name);
}
