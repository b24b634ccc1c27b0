module go_failure

go 1.19
