using System.Text;
using Blobs.Tar;

namespace Blobs.Tests.Tar;

public sealed class EntryNameTests
{
    // The examples in the documentation and tests of Go's filepath.Clean, and a few more.
    [Theory]
    [InlineData("", ".")]
    [InlineData("abc", "abc")]
    [InlineData("abc/def", "abc/def")]
    [InlineData("a/b/c", "a/b/c")]
    [InlineData(".", ".")]
    [InlineData("..", "..")]
    [InlineData("../..", "../..")]
    [InlineData("../../abc", "../../abc")]
    [InlineData("/abc", "/abc")]
    [InlineData("/", "/")]
    [InlineData("abc/", "abc")]
    [InlineData("abc/def/", "abc/def")]
    [InlineData("a/b/c/", "a/b/c")]
    [InlineData("./", ".")]
    [InlineData("../", "..")]
    [InlineData("/abc/", "/abc")]
    [InlineData("abc//def//ghi", "abc/def/ghi")]
    [InlineData("//abc", "/abc")]
    [InlineData("///abc", "/abc")]
    [InlineData("//abc//", "/abc")]
    [InlineData("abc//", "abc")]
    [InlineData("abc/./def", "abc/def")]
    [InlineData("/./abc/def", "/abc/def")]
    [InlineData("abc/.", "abc")]
    [InlineData("abc/def/ghi/../jkl", "abc/def/jkl")]
    [InlineData("abc/def/../ghi/../jkl", "abc/jkl")]
    [InlineData("abc/def/..", "abc")]
    [InlineData("abc/def/../..", ".")]
    [InlineData("/abc/def/../..", "/")]
    [InlineData("abc/def/../../..", "..")]
    [InlineData("/abc/def/../../..", "/")]
    [InlineData("abc/def/../../../ghi/jkl/../../../mno", "../../mno")]
    [InlineData("abc/./../def", "def")]
    [InlineData("abc//./../def", "def")]
    [InlineData("abc/../../././../def", "../../def")]
    [InlineData("./a", "a")]
    [InlineData("a/...", "a/...")]
    [InlineData(".wh.x", ".wh.x")]
    public void Cleans_names_as_go_does(string name, string expected)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(name);
        Assert.Equal(expected, Encoding.UTF8.GetString(EntryName.Clean(bytes, new byte[bytes.Length + 1])));
    }

    [Theory]
    [InlineData("a/b/.wh.c", ".wh.c")]
    [InlineData("d/", "d")]
    [InlineData("x", "x")]
    [InlineData("/", "")]
    public void The_base_is_the_last_component(string name, string expected) =>
        Assert.Equal(expected, Encoding.UTF8.GetString(EntryName.Base(Encoding.UTF8.GetBytes(name))));
}
