using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;

// What a .NET developer writes today to ingest a layer, for the table of peers: hash the file, decompress it and hash
// that, decompress it again and unpack. It makes no recording, so the tar cannot be rebuilt.
if (args is not [string layer, string folder])
{
    Console.Error.WriteLine("usage: Blobs.Today LAYER.tar.gz FOLDER");
    return 2;
}

using (FileStream file = File.OpenRead(layer))
{
    Console.WriteLine($"sha256:{Convert.ToHexStringLower(SHA256.HashData(file))}");
}

using (var tar = new GZipStream(File.OpenRead(layer), CompressionMode.Decompress))
{
    Console.WriteLine($"sha256:{Convert.ToHexStringLower(SHA256.HashData(tar))}");
}

using (var tar = new GZipStream(File.OpenRead(layer), CompressionMode.Decompress))
{
    TarFile.ExtractToDirectory(tar, folder, overwriteFiles: true);
}

return 0;
