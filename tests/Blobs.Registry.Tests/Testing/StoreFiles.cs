using Blobs.Storage.S3;

namespace Blobs.Registry.Tests.Testing;

/// <summary>What a registry's store contains, read and written behind the registry's back: files of a directory, or objects
/// of a bucket. Paths begin below <c>docker/registry/v2</c>.</summary>
internal sealed class StoreFiles(string folder, S3StorageOptions? bucket)
{
    private const int FileBytesMax = 1 << 20;

    public async Task<byte[]> ReadAsync(string path)
    {
        if (bucket is null)
        {
            return await File.ReadAllBytesAsync(Path.Combine(folder, path));
        }

        using var client = new S3Client(bucket);
        S3Object found = await client.ReadAsync(KeyOf(path), FileBytesMax, default) ?? throw new FileNotFoundException(path);
        return found.Content;
    }

    public async Task<string> ReadTextAsync(string path) => System.Text.Encoding.UTF8.GetString(await ReadAsync(path));

    public async Task WriteAsync(string path, byte[] content)
    {
        if (bucket is null)
        {
            string file = Path.Combine(folder, path);
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            await File.WriteAllBytesAsync(file, content);
            return;
        }

        using var client = new S3Client(bucket);
        await client.WriteAsync(KeyOf(path), content, default);
    }

    /// <summary>All files below a path, as paths, in any order.</summary>
    public async Task<string[]> ListAsync(string below)
    {
        if (bucket is null)
        {
            string path = Path.Combine(folder, below);
            return !Directory.Exists(path) ? [] :
                [.. Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(folder, file))];
        }

        using var client = new S3Client(bucket);
        var found = new List<string>();
        string prefix = below.Length == 0 ? KeyOf("") : $"{KeyOf(below)}/";
        await foreach (S3Entry entry in client.ListAsync(prefix, null, int.MaxValue, default))
        {
            found.Add(entry.Key[KeyOf("").Length..]);
        }

        return [.. found];
    }

    private string KeyOf(string path) => new S3Keys(bucket!.Prefix).Root + path;
}
