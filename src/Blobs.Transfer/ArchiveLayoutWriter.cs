using System.Text;
using Blobs.Hashing;
using Blobs.Images.Internal;
using Blobs.Oci;
using Blobs.Tar;

namespace Blobs.Transfer;

/// <summary>Writes an OCI layout as a tar: first <c>oci-layout</c>, then the blobs, last <c>index.json</c> and
/// <c>manifest.json</c>, which names the same blobs for Docker versions that do not read OCI layouts.</summary>
internal sealed class ArchiveLayoutWriter : ILayoutWriter
{
    private readonly ArchiveWriter _archive;
    private readonly HashSet<Digest> _written = [];
    private readonly HashSet<string> _kept = [];

    public ArchiveLayoutWriter(Stream target, bool forwardOnly)
    {
        _archive = new ArchiveWriter(target, forwardOnly);
        _archive.Write(Member(OciLayout.LayoutName), Encoding.ASCII.GetBytes(OciLayout.Version));
    }

    public ImageIndex? Index { get; private set; }

    /// <summary>Takes over everything of an existing archive, whose images stay.</summary>
    /// <param name="existing">The archive.</param>
    /// <param name="index">Its index.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public async Task TakeOverAsync(TarFiles existing, ImageIndex index, CancellationToken cancellationToken)
    {
        Index = index;
        foreach (string name in existing.Names.Where(name => name is not (OciLayout.LayoutName or OciLayout.IndexName)))
        {
            using Stream? content = existing.TryOpen(name, out long length);
            if (content is not null && _kept.Add(name))
            {
                await _archive.WriteAsync(
                    new TarMember { Name = Encoding.UTF8.GetBytes(name), Size = length },
                    target => content.CopyToAsync(target, cancellationToken)).ConfigureAwait(false);
            }
        }
    }

    public bool Contains(Digest digest) => _written.Contains(digest) || _kept.Contains(OciLayout.BlobName(digest));

    public void Write(Digest digest, ReadOnlySpan<byte> content)
    {
        if (!Contains(digest) && _written.Add(digest))
        {
            _archive.Write(Member(OciLayout.BlobName(digest)), content);
        }
    }

    public async Task WriteAsync(Digest digest, long length, Func<Stream, Task> write)
    {
        if (!Contains(digest) && _written.Add(digest))
        {
            await _archive.WriteAsync(Member(OciLayout.BlobName(digest)) with { Size = length }, write).ConfigureAwait(false);
        }
    }

    public async Task<WrittenBlob> WriteAsync(BlobWriter write)
    {
        // If the blob was written before, the archive has two members of one name, which is legal, with the same bytes.
        WrittenBlob written = await _archive.WriteAsync(Member(""), OciLayout.BlobName, write).ConfigureAwait(false);
        _written.Add(written.Digest);
        return written;
    }

    public void Commit(ImageIndex index, IReadOnlyList<DockerManifestItem> images)
    {
        _archive.Write(Member(OciLayout.IndexName), index.Bytes.Span);
        if (images.Count > 0)
        {
            _archive.Write(Member(DockerArchive.ManifestName), DockerManifestItem.ToJson(images));
        }

        _archive.Complete();
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static TarMember Member(string name) => new() { Name = Encoding.ASCII.GetBytes(name) };
}
