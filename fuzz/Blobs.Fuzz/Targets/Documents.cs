using Blobs.Hashing;
using Blobs.Transfer;

namespace Blobs.Fuzz.Targets;

/// <summary>Splits an input at 0xFF into the files of an archive. <c>@1</c>, <c>@2</c> … in a piece stand for the
/// digests of later pieces, so that mutated pieces are still found.</summary>
internal sealed class Documents : IArchiveFiles
{
    private readonly Dictionary<string, byte[]> _files = [];

    public Documents(ReadOnlySpan<byte> input, string first, Func<Digest, string> nameOf)
    {
        var pieces = new List<string>();
        foreach (Range range in input.Split((byte)0xFF))
        {
            pieces.Add(System.Text.Encoding.Latin1.GetString(input[range]));
        }

        for (int i = pieces.Count - 1; i > 0; i--)
        {
            byte[] content = System.Text.Encoding.Latin1.GetBytes(pieces[i]);
            Digest digest = Digest.OfSha256(content);
            _files[nameOf(digest)] = content;
            for (int earlier = 0; earlier < i; earlier++)
            {
                pieces[earlier] = pieces[earlier].Replace($"@{i}", $"{digest}", StringComparison.Ordinal)
                    .Replace($"#{i}", $"{content.Length}", StringComparison.Ordinal);
            }
        }

        _files[first] = System.Text.Encoding.Latin1.GetBytes(pieces[0]);
    }

    public string Origin => "input";

    public Stream? TryOpen(string name, out long length)
    {
        byte[]? content = _files.GetValueOrDefault(name);
        length = content?.Length ?? 0;
        return content is null ? null : new MemoryStream(content);
    }

    public void Dispose()
    {
    }
}
