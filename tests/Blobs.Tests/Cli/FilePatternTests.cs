using System.Runtime.Versioning;
using Blobs.Cli.Contents;
using Blobs.Images;
using Blobs.Tests.Testing;

namespace Blobs.Tests.Cli;

[SupportedOSPlatform("linux")]
public sealed class FilePatternTests
{
    [Theory]
    [InlineData("*.so", "/lib/a.so")]
    [InlineData("a*", "/lib/a.so")]
    [InlineData("lib", "/lib")]
    [InlineData("/lib/*", "/lib/a.so", "/lib/d")]
    [InlineData("lib/?", "/lib/d")]
    [InlineData("lib/**", "/lib/a.so", "/lib/d", "/lib/d/[x]")]
    [InlineData("**/d/*", "/lib/d/[x]")]
    [InlineData("[!b-z].so", "/lib/a.so")]
    [InlineData("[[]x]", "/lib/d/[x]")]
    [InlineData("a.s")]
    [InlineData("A.SO")]
    [InlineData("sha256:6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b", "/lib/a.so")]
    public async Task A_glob_is_for_the_last_part_or_with_a_slash_for_the_whole_path(string pattern, params string[] expected)
    {
        var layer = new MemoryLayer(Archive.Of(
            Archive.Directory("lib/"), Archive.File("lib/a.so", "1"), Archive.Directory("lib/d/"), Archive.File("lib/d/[x]", "2")));
        ImageEntry root = await new ImageFileSystem([layer], new ImageReadOptions { HashesContent = true }).ReadTreeAsync();
        var wanted = new FilePattern(pattern);
        Assert.Equal(expected, Below(root).Where(wanted.Fits).Select(entry => $"{entry}"));
    }

    private static IEnumerable<ImageEntry> Below(ImageEntry entry) =>
        entry.Children.SelectMany(child => Below(child).Prepend(child));
}
