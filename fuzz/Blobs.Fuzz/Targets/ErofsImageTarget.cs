using Blobs.Erofs;
using Blobs.Errors;

namespace Blobs.Fuzz.Targets;

/// <summary>Reading an EROFS image that may be damaged: an answer or an error, and always an end.</summary>
internal sealed class ErofsImageTarget : IFuzzTarget
{
    public string Name => "erofsimage";

    public void Run(ReadOnlySpan<byte> input)
    {
        try
        {
            var image = new ErofsImage(new MemoryStream(input.ToArray()));
            byte[] content = new byte[4096];
            foreach (string name in (ReadOnlySpan<string>)["d/f", "d/g", "l/f", "e/+", "l", "d/x/y"])
            {
                Read(image, name, content);
            }
        }
        catch (BlobsException)
        {
            // Not an image.
        }
    }

    private static void Read(ErofsImage image, string name, byte[] content)
    {
        try
        {
            var files = new ErofsFiles(image);
            files.Open(System.Text.Encoding.UTF8.GetBytes(name));
            files.Read(content);
        }
        catch (BlobsException)
        {
            // Not there, or damaged.
        }
    }
}
